-- How many days old the state is that requests were answered from: every log line tells.
select whole(
    date_diff('day', strptime(left(state_version, 8), '%Y%m%d')::date, occurred_at::date)
) as told
from served_requests
where scenario = $scenario and occurred_at::date = $day::date;
