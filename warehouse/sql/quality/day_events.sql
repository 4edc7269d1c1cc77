-- A day's events, each with what it weighs (weight: macros/event_weight).
-- Grain: one row an event. Key: event_id.
create or replace temp table day_events as
select
    *,
    event_weight(event_type, user_id, session_id, occurred_at, true) as weight
from stg_events
where occurred_at >= $day::date and occurred_at < $day::date + 1;
