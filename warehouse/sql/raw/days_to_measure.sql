-- Days before $day whose rows have changed since they were measured, or those of the day before them:
-- of a request that both days hold, the first counts.
select distinct changed.day
from raw_files as changed
where
    changed.scenario = $scenario
    and changed.day < $day::date
    and exists (
        select 1
        from raw_files as new
        where
            new.scenario = $scenario
            and not new.measured
            and new.day between changed.day - 1 and changed.day
    )
order by changed.day;
