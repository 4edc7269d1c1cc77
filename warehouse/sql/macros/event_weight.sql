-- What an event weighs among those that a statement reads: what somebody did of a type at one moment weighs
-- 1 in all, as the fifty lines of a basket are right or wrong together, and tell of chance as one would. Of
-- those whom neither a name nor a session tells apart each event weighs 1. A decimal, so that sums do not
-- depend on their order.
create or replace temp macro event_weight(event_type, user_id, session_id, event_id, occurred_at) as (
    1 / count(*) over (partition by event_type, coalesce(user_id, session_id, event_id), occurred_at)
)::decimal(18, 15);
