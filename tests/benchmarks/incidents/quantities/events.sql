-- What happened on the day.
select counted(count(*)) as told
from stg_events
where occurred_at::date = $day::date;
