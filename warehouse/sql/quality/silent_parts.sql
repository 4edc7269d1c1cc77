-- Stores, countries and devices that had something on the same weekday of each of four weeks, and nothing
-- on a day: which share of those days was theirs (silent_part), and that of all of a kind together
-- (silent_part_share), of how much of that kind is usual a day.
-- Grain: one row a silent part, and one a kind.
insert into data_quality by name
with usual as (
    select kind, part, sum(n) as n, count(*) as n_weeks
    from daily
    where day < $day::date
    group by kind, part
),
of_kind as (
    select kind, sum(n) as n
    from usual
    group by kind
),
silent as (
    from usual
    where n_weeks = 4 and part not in (select part from daily where day = $day::date)
),
measured as (
    select 'silent_part' as measure, kind, part, n
    from silent
    union all
    select 'silent_part_share', kind, kind, coalesce(sum(silent.n), 0)
    from of_kind
    left join silent using (kind)
    group by kind
)
select
    $scenario as scenario,
    $day::date as day,
    measure,
    part,
    measured.n / of_kind.n as value,
    round(of_kind.n / 4)::bigint as n
from measured
join of_kind using (kind)
where (select count(distinct day) from daily where day < $day::date) = 4
order by measure, part;
