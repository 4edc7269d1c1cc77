-- How many events the hours of a day had, and those of the same weekday of the four weeks before.
-- Grain: one row a day and hour that had any. Key: both.
create or replace temp table hourly as
select occurred_at::date as day, hour(occurred_at) as hour, count(*) as n
from stg_events
where
    occurred_at >= $day::date - 28
    and occurred_at < $day::date + 1
    and dayofweek(occurred_at) = dayofweek($day::date)
group by all;
