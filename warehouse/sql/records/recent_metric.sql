-- A daily metric of the whole traffic over the last $days days up to $as_of, with the newest outcomes
-- known by then. A day that is less mature than $least_maturity, or of which nobody knows, is left out.
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
    and as_of <= $as_of::date
    and maturity >= $least_maturity
qualify
    row_number() over (partition by window_start, model_tag order by as_of desc) = 1
    and standard_error is not null
order by window_start, model_tag;
