-- The share of clicks that seem to come before what they answer.
select sampled((events.occurred_at < requests.occurred_at)::int) as told
from stg_events as events
join served_requests as requests using (request_id)
where events.event_type = 'click' and events.occurred_at::date = $day::date;
