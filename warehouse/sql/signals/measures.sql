-- What was measured of the data of the days from $first to $last, of a scenario's requests and the shop's
-- events, beside the four weeks before each: their median, and their median distance from it, scaled to
-- the standard deviation of a normal distribution. What had no row on one of these days, though others
-- had, was 0.
-- Grain: one row a day, scenario, measure and part. Key: all four.
with measured as (
    from data_quality
    where
        scenario in ($scenario, $shop)
        and day between $first::date - 28 and $last::date
),
today as (
    from measured
    where day >= $first::date
),
days as (
    select scenario, list(distinct day) as known
    from measured
    group by scenario
),
before as (
    select today.day, today.scenario, today.measure, today.part, list(measured.value) as known
    from today
    join measured using (scenario, measure, part)
    where measured.day between today.day - 28 and today.day - 1
    group by all
),
filled as (
    select
        today.day,
        today.scenario,
        today.measure,
        today.part,
        today.value,
        today.n,
        len(
            list_filter(
                days.known, lambda each: each between today.day - 28 and today.day - 1
            )
        ) as n_days,
        list_resize(coalesce(before.known, []), n_days, 0.0::double) as known
    from today
    join days using (scenario)
    left join before using (day, scenario, measure, part)
)
select
    day,
    measure,
    part,
    value,
    list_median(known) as usual,
    1.4826 * list_median(list_transform(known, lambda each: abs(each - list_median(known))))
        as spread,
    n
from filled
where n_days >= $least_days
order by day, scenario, measure, part;
