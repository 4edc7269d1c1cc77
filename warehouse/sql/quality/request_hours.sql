-- How many requests of a scenario the hours of a day had, and those of the same weekday of the four weeks
-- before.
-- Grain: one row a day and hour that had any. Key: both.
create or replace temp table hourly as
select served_date as day, hour, sum(total) as n
from service_partials
where
    scenario = $scenario
    and metric = 'requests'
    and served_date between $day::date - 28 and $day::date
    and dayofweek(served_date) = dayofweek($day::date)
group by all;
