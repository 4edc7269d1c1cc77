-- Which share of the events of the week before each of the days from $first to $last came after the nights
-- of their own days; of how many events.
-- Grain: one row a day.
with there as (
    select occurred_at::date as day, count(*) as n
    from stg_events
    where occurred_at >= $first::date - 7 and occurred_at < $last::date
    group by all
),
days as (
    select unnest(generate_series($first::date, $last::date, interval 1 day))::date as day
)
select
    days.day,
    'came_late_share' as measure,
    'all' as part,
    sum(greatest(there.n - arrivals.n, 0)) / sum(there.n) as value,
    0.0::double as usual,
    0.0::double as spread,
    sum(there.n)::bigint as n
from days
join there on there.day between days.day - 7 and days.day - 1
join arrivals on there.day = arrivals.day
group by days.day
order by days.day;
