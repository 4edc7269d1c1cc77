-- How much of a usual day falls into hours of this one in which nothing happened (of the shop's events
-- silent_share, of a scenario's requests silent_request_share): the share of what the same hours of the
-- same weekday had in the mean of four weeks, and how much that is. Of a weekday that the four weeks did
-- not see all nothing is said, nor, while others have something, of hours that usually have fewer than
-- three.
-- Grain: one row.
insert into data_quality by name
with usual as (
    select hour, sum(n) / 4 as n
    from hourly
    where day < $day::date
    group by hour
),
counted as (
    select
        sum(usual.n) as n_usual,
        coalesce(
            sum(usual.n) filter (
                where
                    hourly.n is null
                    and (usual.n >= 3 or $day::date not in (select day from hourly))
            ),
            0
        ) as n_silent
    from usual
    left join hourly on usual.hour = hourly.hour and hourly.day = $day::date
)
select
    $scenario as scenario,
    $day::date as day,
    if($scenario = $shop, 'silent_share', 'silent_request_share') as measure,
    'all' as part,
    n_silent / n_usual as value,
    round(n_silent)::bigint as n
from counted
where (select count(distinct day) from hourly where day < $day::date) = 4;
