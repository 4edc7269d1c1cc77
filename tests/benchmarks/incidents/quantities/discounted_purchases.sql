-- The share of purchases at a discount.
select sampled((discount > 0)::int) as told
from stg_events
where event_type = 'purchase' and occurred_at::date = $day::date;
