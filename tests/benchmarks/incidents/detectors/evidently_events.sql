-- What shoppers did on some days.
-- Grain: one row an event.
select
    hour(occurred_at) as hour,
    event_type,
    quantity,
    price,
    discount,
    store_id,
    (user_id is null)::int as anonymous
from stg_events
where occurred_at::date between $first::date and $last::date
