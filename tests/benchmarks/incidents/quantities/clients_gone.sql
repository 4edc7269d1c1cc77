-- The share of requests whose client had gone, on Android.
select sampled(client_gone::int) as told
from served_requests
where scenario = $scenario and device = 'android' and occurred_at::date = $day::date;
