-- Which share of the events of the week before a day came after the nights of their own days; of how many
-- events.
-- Grain: one row.
with there as (
    select occurred_at::date as day, count(*) as n
    from stg_events
    where occurred_at >= $day::date - 7 and occurred_at < $day::date
    group by all
)
select
    'came_late_share' as measure,
    'all' as part,
    coalesce(sum(greatest(there.n - arrivals.n, 0)) / sum(there.n), 0) as value,
    coalesce(sum(there.n), 0)::bigint as n
from there
join arrivals using (day);
