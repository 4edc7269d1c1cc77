-- The share of lines without a price.
select sampled((price is null)::int) as told
from stg_events
where occurred_at::date = $day::date;
