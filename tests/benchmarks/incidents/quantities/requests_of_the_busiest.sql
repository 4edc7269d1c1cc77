-- The share of requests by whoever asked at least thirty times on the day.
select sampled((n >= 30)::int) as told
from (
    select count(*) over (partition by user_id) as n
    from served_requests
    where scenario = $scenario and occurred_at::date = $day::date
);
