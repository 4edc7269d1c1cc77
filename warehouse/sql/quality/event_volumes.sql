-- Counts a day's events by type (events), and what share of them lacks a field (missing_share, by weight:
-- macros/event_weight). Events of a type that never have it say nothing: what changes is seen against other
-- days.
-- Grain: one row a measure and part, which is an event type, or that and a field.
insert into data_quality by name
with counted as (
    select
        event_type,
        count(*) as n_events,
        sum(weight) as n,
        coalesce(sum(weight) filter (where user_id is null), 0) as user_id,
        coalesce(sum(weight) filter (where session_id is null), 0) as session_id,
        coalesce(sum(weight) filter (where quantity is null), 0) as quantity,
        coalesce(sum(weight) filter (where price is null), 0) as price,
        coalesce(sum(weight) filter (where discount is null), 0) as discount,
        coalesce(sum(weight) filter (where store_id is null), 0) as store_id,
        coalesce(sum(weight) filter (where request_id is null), 0) as request_id
    from day_events
    group by event_type
),
missing as (
    unpivot counted
    on user_id, session_id, quantity, price, discount, store_id, request_id
    into name field value n_missing
),
measured as (
    select 'events' as measure, event_type as part, n_events::double as value, n_events as n
    from counted
    union all
    select 'missing_share', event_type || '.' || field, n_missing::double / n::double, round(n)::bigint
    from missing
)
select $scenario as scenario, $day::date as day, *
from measured
order by measure, part;
