-- Remembers that what follows $days is counted up to the end of $as_of.
update metric_partials
set as_of = $as_of::date
where
    scenario = $scenario
    and served_date = any($days::date[])
    and as_of is not null;
