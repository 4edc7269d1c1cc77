-- The share of requests that failed.
select sampled((error is not null)::int) as told
from served_requests
where scenario = $scenario and occurred_at::date = $day::date;
