-- Counts a day's events by type (events), and what share of them lacks a field (missing_share, of their
-- effective number: quality/day_events). Events of a type that never have it say nothing: what changes is
-- seen against other days.
-- Grain: one row a measure and part, which is an event type, or that and a field.
insert into data_quality by name
with counted as (
    select
        event_type,
        count(*) as n,
        round(count(*) ** 2 / sum(together))::bigint as n_effective,
        count_if(user_id is null) as user_id,
        count_if(session_id is null) as session_id,
        count_if(quantity is null) as quantity,
        count_if(price is null) as price,
        count_if(discount is null) as discount,
        count_if(store_id is null) as store_id,
        count_if(request_id is null) as request_id
    from day_events
    group by event_type
),
missing as (
    unpivot counted
    on user_id, session_id, quantity, price, discount, store_id, request_id
    into name field value n_missing
),
measured as (
    select 'events' as measure, event_type as part, n::double as value, n
    from counted
    union all
    select 'missing_share', event_type || '.' || field, n_missing / n, n_effective
    from missing
)
select $scenario as scenario, $day::date as day, *
from measured
order by measure, part;
