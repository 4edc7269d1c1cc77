-- Remembers that a scenario's days up to $day were measured with all that was pulled of them so far.
-- The last of them waits on with the day after it, if that was measured before: of a request that
-- both days hold, the first counts.
update raw_files set measured = true
where
    scenario = $scenario
    and not measured
    and (
        day < $day::date
        or day = $day::date
        and not exists (
            select 1
            from metric_values
            where scenario = $scenario and "window" = 'day' and as_of > $day::date
        )
    );
