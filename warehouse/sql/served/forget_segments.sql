-- Removes what segments of a window came to as of earlier days, where it is measured anew.
delete from metric_values
where
    scenario = $scenario
    and "window" = $window
    and window_start = $window_start::date
    and segment <> 'all'
    and as_of < $as_of::date
    and metric in (select metric from measured);
