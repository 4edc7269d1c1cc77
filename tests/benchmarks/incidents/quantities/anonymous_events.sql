-- The share of lines that name no customer.
select sampled((user_id is null)::int) as told
from stg_events
where occurred_at::date = $day::date;
