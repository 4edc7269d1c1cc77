-- The same of a scenario's requests as sql/quality/silent_hours.sql says of events.
-- Grain: one row.
insert into data_quality by name
with hourly as (
    select served_date as day, hour, sum(total) as n
    from service_partials
    where
        scenario = $scenario
        and metric = 'requests'
        and served_date between $day::date - 28 and $day::date
        and dayofweek(served_date) = dayofweek($day::date)
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
    'silent_request_share' as measure,
    'all' as part,
    n_silent / n_usual as value,
    round(n_silent)::bigint as n
from counted
where (select count(distinct day) from hourly where day < $day::date) = 4;
