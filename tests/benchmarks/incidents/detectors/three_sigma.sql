-- The metrics of a night's day that lie further than three standard deviations from what they came to
-- on the evenings of the four weeks before.
-- Grain: one row a metric, model and variant. Key: all three.
with evenings as (
    select metric, model_tag, variant, window_start as day, value
    from metric_values
    where
        scenario = $scenario
        and "window" = 'day'
        and segment = 'all'
        and as_of = window_start
        and window_start between $night::date - 28 and $night::date
),
earlier as (
    select metric, model_tag, variant, avg(value) as mean, stddev_samp(value) as deviation
    from evenings
    where day < $night::date
    group by metric, model_tag, variant
    having count(value) >= 14
)
select metric, value, mean, deviation
from evenings
join earlier using (metric, model_tag, variant)
where day = $night::date and abs(value - mean) > 3 * deviation + 1e-9 * abs(mean)
order by abs(value - mean) / nullif(deviation, 0) desc nulls first, metric
