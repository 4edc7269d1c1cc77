-- A day's events, each with how many the same person did of the same type at the same moment (together). The
-- fifty lines of a basket are right or wrong together, and tell of chance as one would: of n events the
-- effective number is n ** 2 / sum(together) (Kish 1965, Survey Sampling, 11.7).
-- Grain: one row an event. Key: event_id.
create or replace temp table day_events as
select
    *,
    count(*) over (partition by event_type, coalesce(user_id, session_id), occurred_at) as together
from stg_events
where occurred_at >= $day::date and occurred_at < $day::date + 1;
