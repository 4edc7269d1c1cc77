-- Requests of the day.
select counted(count(*)) as told
from served_requests
where scenario = $scenario and occurred_at::date = $day::date;
