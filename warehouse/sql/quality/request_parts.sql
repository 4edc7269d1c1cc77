-- How many answers of a scenario the stores, countries and devices had on a day, and on the same weekday
-- of the four weeks before.
-- Grain: one row a day and segment that had any. Key: day and part.
create or replace temp table daily as
select
    regexp_extract(segment, '^(store|country|device)=', 1) as kind,
    segment as part,
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
group by segment, window_start;
