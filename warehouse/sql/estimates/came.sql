-- Writes what came beside the estimates, where it has.
update label_free_estimates as estimates
set came = closed_values.value
from closed_values
where
    estimates.scenario = $scenario
    and estimates.metric = closed_values.metric
    and estimates.day = closed_values.day
    and estimates.model_tag = closed_values.model_tag
    and estimates.variant = closed_values.variant;
