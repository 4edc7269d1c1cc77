-- The mean logarithm of how long answers took.
select sampled(ln(total_ms)) as told
from served_requests
where scenario = $scenario and occurred_at::date = $day::date and error is null;
