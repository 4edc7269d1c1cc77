-- Stores, countries and devices that a scenario's answers had on the same weekday of each of four weeks,
-- at least 20 of them, and none on a day: which share of those days' answers was theirs.
-- Grain: one row a silent segment.
insert into data_quality by name
with daily as (
    select segment, window_start as day, sum(n) as n
    from metric_values
    where
        scenario = $scenario
        and metric = 'click_share'
        and "window" = 'day'
        and window_start between $day::date - 28 and $day::date
        and dayofweek(window_start) = dayofweek($day::date)
        and (
            segment = 'all'
            or regexp_matches(segment, '^(store|country|device)=')
        )
    group by segment, window_start
),
usual as (
    select segment, sum(n) as n, min(n) as least, count(*) as n_weeks
    from daily
    where day < $day::date
    group by segment
)
select
    $scenario as scenario,
    $day::date as day,
    'silent_segment' as measure,
    segment as part,
    usual.n / (select n from usual where segment = 'all') as value,
    usual.n
from usual
where
    segment <> 'all'
    and n_weeks = 4
    and least >= 20
    and segment not in (select segment from daily where day = $day::date)
order by segment;
