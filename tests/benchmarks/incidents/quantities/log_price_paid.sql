-- The mean logarithm of what a line was sold for.
select sampled(ln(price)) as told
from stg_events
where event_type = 'purchase' and price > 0 and occurred_at::date = $day::date;
