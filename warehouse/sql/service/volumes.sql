-- How much came from $first to $last, in all hours and in each: requests, the most of them in a second,
-- and those that were their process's first, where there were any. They are counted, not sampled: no
-- standard error.
-- Grain: one row a model, variant, segment and metric. Key: all four.
with counted as (
    select
        model_tag,
        variant,
        hour_segment(hour) as segment,
        sum(total) filter (where metric = 'requests')::bigint as requests,
        sum(total) filter (where metric = 'cold_starts')::bigint as cold_starts
    from service_partials
    where scenario = $scenario and served_date between $first and $last
    group by grouping sets ((model_tag, variant), (model_tag, variant, hour))
),
peaks as (
    select
        model_tag,
        variant,
        hour_segment(hour) as segment,
        max(peak_rate) as peak_rate
    from service_peaks
    where scenario = $scenario and served_date between $first and $last
    group by grouping sets ((model_tag, variant), (model_tag, variant, hour))
),
volumes as (
    select model_tag, variant, segment, requests as n, requests, peak_rate, cold_starts
    from counted
    join peaks using (model_tag, variant, segment)
)
select model_tag, variant, segment, metric, value::double, null::double as standard_error, n
from (
    unpivot volumes
    on requests, peak_rate, cold_starts
    into name metric value value
)
order by model_tag, variant, segment, metric;
