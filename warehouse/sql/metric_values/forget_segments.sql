-- Removes what segments of windows came to as of earlier days, where they are measured anew.
delete from metric_values
using (select unnest($windows) as "window", unnest($starts)::date as window_start) as renewed
where
    metric_values.scenario = $scenario
    and metric_values.as_of < $as_of::date
    and metric_values.segment <> 'all'
    and metric_values."window" = renewed."window"
    and metric_values.window_start = renewed.window_start
    and metric_values.metric in (select metric from measured);
