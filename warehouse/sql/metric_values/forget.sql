-- Removes the metrics of one window of a scenario, as known at the end of $as_of.
delete from metric_values
where
    scenario = $scenario
    and "window" = $window
    and window_start = $window_start::date
    and as_of = $as_of::date;
