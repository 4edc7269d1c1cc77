-- A daily metric of the whole traffic over the last $days days up to $as_of, newest outcomes known.
-- A day whose mean has no standard error (a single query) is left out: nothing can be held against it.
-- Grain: one row a day and model. Key: (window_start, model_tag).
select window_start, model_tag, value, standard_error, n
from metric_values
where
    scenario = $scenario
    and metric = $metric
    and "window" = 'day'
    and segment = 'all'
    and variant = 'champion'
    and window_start > $as_of::date - $days
    and window_start <= $as_of::date
qualify
    row_number() over (partition by window_start, model_tag order by as_of desc) = 1
    and standard_error is not null
order by window_start, model_tag;
