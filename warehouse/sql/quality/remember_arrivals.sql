-- Remembers how many of a day's events are there when it is first measured.
insert or ignore into arrivals by name
select $day::date as day, count(*) as n
from stg_events
where occurred_at >= $day::date and occurred_at < $day::date + 1;
