-- Remembers since when the versions that a day's answers name have been served.
insert into versions_seen by name
with served as (
    unpivot (
        select state_version as state, index_version as index
        from served_requests
        where
            scenario = $scenario
            and occurred_at >= $day::date
            and occurred_at < $day::date + 1
            and error is null
    )
    on state, index
    into name kind value version
)
select distinct $scenario as scenario, kind, version, $day::date as first_day
from served
order by kind, version
on conflict do update set first_day = least(versions_seen.first_day, excluded.first_day);
