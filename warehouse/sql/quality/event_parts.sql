-- How many people the stores had on a day, and on the same weekday of the four weeks before; counted as
-- quality/event_hours does.
-- Grain: one row a day and store that had any. Key: day and part.
create or replace temp table daily as
select
    'store' as kind,
    'store=' || store_id as part,
    occurred_at::date as day,
    count(distinct coalesce(user_id, session_id, occurred_at::varchar)) as n
from stg_events
where
    occurred_at >= $day::date - 28
    and occurred_at < $day::date + 1
    and dayofweek(occurred_at) = dayofweek($day::date)
    and store_id is not null
group by store_id, occurred_at::date;
