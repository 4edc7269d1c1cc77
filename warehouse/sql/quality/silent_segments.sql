-- Stores, countries and devices that a scenario's answers had on the same weekday of each of four weeks,
-- and not on a day: which share of those days' answers was theirs, and how many a day.
-- Grain: one row a silent segment, and one for all of a kind together.
insert into data_quality by name
with daily as (
    select
        segment,
        regexp_extract(segment, '^(store|country|device)=', 1) as kind,
        window_start as day,
        sum(n) as n
    from metric_values
    where
        scenario = $scenario
        and metric = 'click_share'
        and "window" = 'day'
        and window_start between $day::date - 28 and $day::date
        and dayofweek(window_start) = dayofweek($day::date)
        and kind <> ''
    group by segment, window_start
),
usual as (
    select kind, segment, sum(n) as n, count(*) as n_weeks
    from daily
    where day < $day::date
    group by kind, segment
),
of_kind as (
    select kind, sum(n) as n
    from usual
    group by kind
),
silent as (
    select kind, segment, usual.n
    from usual
    where n_weeks = 4 and segment not in (select segment from daily where day = $day::date)
),
measured as (
    select 'silent_segment' as measure, kind, segment as part, n
    from silent
    union all
    select 'silent_segment_share', kind, kind, coalesce(sum(silent.n), 0)
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
    round(measured.n / 4)::bigint as n
from measured
join of_kind using (kind)
where (select count(distinct day) from daily where day < $day::date) = 4
order by measure, part;
