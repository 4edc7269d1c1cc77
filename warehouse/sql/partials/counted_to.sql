-- Remembers that what follows the days from $first to $last is counted up to the end of $as_of.
update metric_partials
set as_of = $as_of::date
where
    scenario = $scenario
    and served_date between $first::date and $last::date
    and as_of is not null;
