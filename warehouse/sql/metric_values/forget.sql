-- Removes the metrics of some windows of a scenario, as known at the end of $as_of.
delete from metric_values
using (select unnest($windows) as "window", unnest($starts)::date as window_start) as renewed
where
    metric_values.scenario = $scenario
    and metric_values.as_of = $as_of::date
    and metric_values."window" = renewed."window"
    and metric_values.window_start = renewed.window_start;
