-- Removes what segments of windows came to as of earlier days, of metrics that are measured anew.
delete from metric_values
using (select distinct "window", window_start, metric from measured) as renewed
where
    metric_values.scenario = $scenario
    and metric_values.as_of < $as_of::date
    and metric_values.segment <> 'all'
    and metric_values."window" = renewed."window"
    and metric_values.window_start = renewed.window_start
    and metric_values.metric = renewed.metric;
