-- Counts a day's events by type (events), and what share of them lacks a field (missing_share; what somebody
-- did at one moment counts once). Events of a type that never have it say nothing: what changes is seen
-- against other days.
-- Grain: one row a measure and part, which is an event type, or that and a field.
insert into data_quality by name
with moments as (
    select
        event_type,
        count(*) as n_events,
        count_if(user_id is null) / n_events as user_id,
        count_if(session_id is null) / n_events as session_id,
        count_if(quantity is null) / n_events as quantity,
        count_if(price is null) / n_events as price,
        count_if(discount is null) / n_events as discount,
        count_if(store_id is null) / n_events as store_id,
        count_if(request_id is null) / n_events as request_id
    from stg_events
    where occurred_at >= $day::date and occurred_at < $day::date + 1
    group by event_type, coalesce(stg_events.user_id, stg_events.session_id), occurred_at
),
counted as (
    select
        event_type,
        sum(n_events)::bigint as n_events,
        count(*) as n,
        avg(columns(* exclude (event_type, n_events))::decimal(18, 15))
    from moments
    group by event_type
),
missing as (
    unpivot counted
    on user_id, session_id, quantity, price, discount, store_id, request_id
    into name field value "value"
),
measured as (
    select 'events' as measure, event_type as part, n_events::double as "value", n_events as n
    from counted
    union all
    select 'missing_share', event_type || '.' || field, "value", n
    from missing
)
select $scenario as scenario, $day::date as day, *
from measured
order by measure, part;
