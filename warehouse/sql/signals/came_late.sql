-- Which share of the events of the week before each of the days from $first to $last came after the nights
-- of their own days, and of how many events, as they weigh (macros/event_weight); beside it what was usual
-- of the days of the four weeks before that week, as sql/signals/measures.sql has it.
-- Grain: one row a day, where at least $least_days of these are known.
with nights as (
    select occurred_at::date as day, count(*) as n, any_value(arrivals.n) as n_in_time
    from stg_events
    join arrivals on stg_events.occurred_at::date = arrivals.day
    where occurred_at >= $first::date - 35 and occurred_at < $last::date
    group by all
),
late as (
    select nights.day, nights.n, greatest(nights.n - n_in_time, 0) as n_late, weighed.n as weight
    from nights
    left join data_quality as weighed
        on
            nights.day = weighed.day
            and weighed.scenario = $shop
            and weighed.measure = 'late_share'
),
days as (
    select unnest(generate_series($first::date, $last::date, interval 1 day))::date as day
),
summed as (
    select
        days.day,
        sum(late.n_late) filter (where late.day >= days.day - 7) as n_late,
        sum(late.n) filter (where late.day >= days.day - 7) as n,
        sum(coalesce(late.weight, late.n)) filter (where late.day >= days.day - 7) as weight,
        list(late.n_late / late.n) filter (where late.day < days.day - 7) as known
    from days
    join late on late.day between days.day - 35 and days.day - 1
    group by days.day
)
select
    day,
    'came_late_share' as measure,
    'all' as part,
    n_late / n as value,
    list_median(known) as usual,
    1.4826 * list_median(list_transform(known, lambda each: abs(each - list_median(known))))
        as spread,
    weight::bigint as n
from summed
where n > 0 and len(known) >= $least_days
order by day;
