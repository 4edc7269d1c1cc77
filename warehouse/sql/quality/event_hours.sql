-- How many people did something in the hours of a day, and in those of the same weekday of the four weeks
-- before. Who is not known by name or session is somebody else at each moment: a basket of fifty lines is
-- one, as no hour without it lacks fifty.
-- Grain: one row a day and hour that had any. Key: both.
create or replace temp table hourly as
select
    occurred_at::date as day,
    hour(occurred_at) as hour,
    count(distinct coalesce(user_id, session_id, occurred_at::varchar)) as n
from stg_events
where
    occurred_at >= $day::date - 28
    and occurred_at < $day::date + 1
    and dayofweek(occurred_at) = dayofweek($day::date)
group by occurred_at::date, hour(occurred_at);
