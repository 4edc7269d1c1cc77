-- The nights up to $day to measure, oldest first: those that are due, those of the days that lines
-- came $late for, and from the first of them on, but not before $first, every one, as what came late
-- was not known in any of them.
with due as (
    select day
    from nights_due
    where scenario = $scenario and day <= $day::date
    union
    select unnest($late::date[])
    union
    select $day::date
),
since as (
    select unnest(
        generate_series(
            (select min(day) from due where day >= $first::date), $day::date, interval 1 day
        )
    )::date as day
)
from due
union
from since
order by day;
