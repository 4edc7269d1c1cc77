-- What an event weighs: what somebody did of a type at one moment weighs 1 in all, as the fifty lines of a
-- basket are right or wrong together, and tell of chance as one would; so does what was done at one moment
-- by those whom neither a name nor a session tells apart. Events that do not share the weight (shares)
-- weigh as much as one that does. A decimal, so that sums do not depend on their order.
create or replace temp macro event_weight(event_type, user_id, session_id, occurred_at, shares) as (
    1 / greatest(
        count(*) filter (where shares) over (
            partition by event_type, coalesce(user_id, session_id), occurred_at
        ),
        1
    )
)::decimal(18, 15);
