-- The days from $first to $last that a scenario was asked on.
select distinct occurred_at::date as day
from served_requests
where scenario = $scenario and occurred_at >= $first::date and occurred_at < $last::date + 1
order by day;
