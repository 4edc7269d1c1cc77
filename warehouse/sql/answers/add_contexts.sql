-- Remembers which of the stores, countries and devices that callers name are segments of a day: the
-- twenty of each that most of its answers to people name.
-- Grain: one row a kind and value. Key: both.
insert into context_segments by name
with people as (
    select *
    from served_requests
    where
        scenario = $scenario
        and occurred_at >= $day::date
        and occurred_at < $day::date + 1
        and not pinned
        and error is null
        and not client_gone
        and user_id not in (
            select user_id from robots where scenario = $scenario and served_date = $day::date
        )
)
select $scenario as scenario, $day::date as served_date, kind, value
from (unpivot people on store_id, country, device into name kind value value)
group by kind, value
qualify row_number() over (partition by kind order by count(*) desc, value) <= 20
order by kind, value;
