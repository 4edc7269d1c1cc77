-- A day's events, each with what it weighs (weight): what somebody did of a type at one moment weighs 1 in
-- all, as the fifty lines of a basket are right or wrong together, and tell of chance as one would. Of those
-- whom neither a name nor a session tells apart each event weighs 1.
-- Grain: one row an event. Key: event_id.
create or replace temp table day_events as
select
    *,
    (
        1 / count(*) over (partition by event_type, coalesce(user_id, session_id, event_id), occurred_at)
    )::decimal(18, 15) as weight
from stg_events
where occurred_at >= $day::date and occurred_at < $day::date + 1;
