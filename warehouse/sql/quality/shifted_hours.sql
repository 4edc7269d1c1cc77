-- By how many hours the day's people came later than on the same weekday of four weeks (earlier: below 0), as
-- they do where local time is taken for UTC: the shift that makes their hours likeliest, where that says more
-- than chance (15 in the logarithm, of which 3 are for the choice of one in 24), and explains four fifths of
-- how much else than usual the hours are, so that a day cut short or a busy evening is no other clock. Else 0,
-- as where not half of the usual people came.
-- Grain: one row, of a weekday that the four weeks saw all.
insert into data_quality by name
with usual as (
    select each.hour, coalesce(sum(hourly.n), 0) as n
    from range(24) as each (hour)
    left join hourly on each.hour = hourly.hour and hourly.day < $day::date
    group by each.hour
),
shifted as (
    select
        by_hours.shift,
        sum(hourly.n)::bigint as n,
        sum(hourly.n * ln((usual.n + 0.5) / (select sum(usual.n + 0.5) from usual))) as log_likelihood,
        sum(hourly.n * ln(hourly.n / (select sum(n) from hourly where day = $day::date)))
            as at_most
    from hourly
    cross join range(-11, 13) as by_hours (shift)
    join usual on usual.hour = (hourly.hour - by_hours.shift + 24) % 24
    where hourly.day = $day::date
    group by by_hours.shift
),
likeliest as (
    select
        any_value(n) as n,
        arg_max(shift, (log_likelihood, -abs(shift))) as shift,
        any_value(log_likelihood) filter (where shift = 0) as unshifted,
        max(log_likelihood) - unshifted as log_likelihood_ratio,
        any_value(at_most) - unshifted as to_explain
    from shifted
)
select
    $scenario as scenario,
    $day::date as day,
    'hours_off' as measure,
    'all' as part,
    if(
        log_likelihood_ratio > greatest(15, 0.8 * (to_explain - 15))
        and n > 0.5 / 4 * (select sum(usual.n) from usual),
        shift,
        0
    ) as value,
    n
from likeliest
where n > 0 and (select count(distinct day) from hourly where day < $day::date) = 4;
