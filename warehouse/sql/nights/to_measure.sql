-- The nights to measure, oldest first: that of $day, those that are due to the $owner, and those of the
-- days that lines came $late for; from the first of them on, as what came was not known in any of them,
-- every one to the last that was measured of the scenario. What happened more than $last_days before that
-- is closed: such days are measured by themselves.
-- Grain: one row a night. Key: night.
with due as (
    select day from nights_due where scenario = $owner and day <= $day::date
    union
    select unnest($late::date[])
    union
    select $day::date
),
last as (
    select
        greatest(
            $day::date,
            (select max(as_of) from metric_values where scenario = $scenario and "window" = 'day'),
            (select max(day) from data_quality where scenario = $scenario)
        ) as night
),
since as (
    select unnest(
        generate_series(
            (select min(day) from due where day >= night - $last_days::integer), night, interval 1 day
        )
    )::date as night
    from last
)
select night, false as closed
from since
union all
select due.day, true
from due
cross join last
where due.day < last.night - $last_days::integer
order by night;
