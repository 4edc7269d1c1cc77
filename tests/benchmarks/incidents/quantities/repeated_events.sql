-- The share of lines that repeat another one but for its name, in quarantine or not.
select sampled((n > 1)::int) as told
from (
    select count(*) over (
        partition by event_type, request_id, product_id, user_id, occurred_at, quantity, price
    ) as n
    from raw_events
    where occurred_at::date = $day::date
);
