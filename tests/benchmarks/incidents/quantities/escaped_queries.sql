-- The share of queries with escaped spaces.
select sampled(contains(query, '%20')::int) as told
from served_requests
where scenario = $scenario and occurred_at::date = $day::date;
