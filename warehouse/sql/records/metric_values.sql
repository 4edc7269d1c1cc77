-- The metrics that people look at: of days and weeks those of the last quarter.
-- Grain and key: those of metric_values.
select *
from metric_values
where
    "window" not in ('day', 'week')
    or window_start > (select max(window_start) - 91 from metric_values where "window" = 'day');
