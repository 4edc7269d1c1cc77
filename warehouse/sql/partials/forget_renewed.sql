-- Removes the partials of $fresh days that events change.
delete from metric_partials
where
    scenario = $scenario
    and served_date = any($fresh::date[])
    and as_of is not null;
