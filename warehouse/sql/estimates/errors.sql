-- How far off the estimates were of the days that closed on $as_of, as they stood at the end of the
-- day itself, when least had come; as metrics of those days.
insert or replace into metric_values by name
select
    scenario,
    metric || '_estimate_error' as metric,
    'day' as "window",
    day as window_start,
    'all' as segment,
    model_tag,
    variant,
    $as_of::date as as_of,
    value - came as value,
    (high - low) / 2 / 1.96 as standard_error,
    n,
    1.0 as maturity,
    value - came as corrected,
    (high - low) / 2 / 1.96 as corrected_error
from label_free_estimates
where
    scenario = $scenario
    and as_of = day
    and came is not null
    and day in (
        select $as_of::date - named_days
        from attribution_windows()
        where event_type = if(metric = 'ctr@10', 'click', 'purchase')
    );
