-- What is known of the day by its end.
select counted(count(*)) as told
from stg_events
where occurred_at::date = $day::date and logged_at < $day::date + interval 1 day;
