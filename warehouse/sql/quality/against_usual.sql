-- What was measured of a day's data, of a scenario's requests and the shop's events, beside the four
-- weeks before it: their median, and their median distance from it, scaled to the standard deviation of
-- a normal distribution. What had no row on a day of those, though others had, was 0.
-- Grain: one row a scenario, measure and part. Key: all three.
with late_days as (
    from data_quality
    where scenario in ($scenario, $shop) and day >= $day::date - 28 and day <= $day::date
),
days as (
    select scenario, count(distinct day)::bigint as n_days
    from late_days
    where day < $day::date
    group by scenario
),
before as (
    select scenario, measure, part, list("value") as known
    from late_days
    where day < $day::date
    group by all
),
filled as (
    select
        today.measure,
        today.part,
        today.value,
        today.n,
        list_concat(
            coalesce(before.known, []),
            list_resize([]::double[], days.n_days - coalesce(len(before.known), 0), 0.0)
        ) as known
    from late_days as today
    join days using (scenario)
    left join before using (scenario, measure, part)
    where today.day = $day::date
)
select
    measure,
    part,
    value,
    list_median(known) as usual,
    1.4826 * list_median(list_transform(known, lambda each: abs(each - list_median(known)))) as spread,
    n
from filled
order by measure, part;
