-- Clicks of the hours that are lost.
select counted(count_if(hour(occurred_at) >= 24 - $amount)) as told
from stg_events
where event_type = 'click' and occurred_at::date = $day::date;
