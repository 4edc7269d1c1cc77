-- How much of a usual day falls into hours of this one in which nothing happened: the share of what the
-- same hours of the same weekday had in the mean of four weeks, and how many events that is. Of a weekday
-- that the four weeks did not see all nothing is said, nor of hours that usually have fewer than three.
-- Grain: one row.
insert into data_quality by name
with hourly as (
    select occurred_at::date as day, hour(occurred_at) as hour, count(*) as n
    from stg_events
    where
        occurred_at >= $day::date - 28
        and occurred_at < $day::date + 1
        and dayofweek(occurred_at) = dayofweek($day::date)
    group by all
),
usual as (
    select hour, sum(n) / 4 as n
    from hourly
    where day < $day::date
    group by hour
),
counted as (
    select
        sum(usual.n) as n_usual,
        coalesce(sum(usual.n) filter (where usual.n >= 3 and hourly.n is null), 0) as n_silent
    from usual
    left join hourly on usual.hour = hourly.hour and hourly.day = $day::date
)
select
    $scenario as scenario,
    $day::date as day,
    'silent_share' as measure,
    'all' as part,
    n_silent / n_usual as value,
    round(n_silent)::bigint as n
from counted
where (select count(distinct day) from hourly where day < $day::date) = 4;
