-- Removes the partials of the days from $first to $last that events change.
delete from metric_partials
where
    scenario = $scenario
    and served_date between $first::date and $last::date
    and as_of is not null;
