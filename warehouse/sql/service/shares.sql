-- Shares from $first to $last, in all hours and in each, and of each class of errors. Each is one sum
-- over another; its standard error is that of a ratio over buckets of users (Cochran 1977, 6.4), so
-- that a user who asks again and again counts as one. It is computed of whole numbers up to the last
-- step: in any order the same. Of a single bucket there is none.
-- Grain: one row a model, variant, segment and metric. Key: all four.
with counted as (
    select
        model_tag,
        variant,
        hour_segment(hour) as segment,
        bucket,
        metric,
        sum(total)::hugeint as total
    from service_partials
    where scenario = $scenario and served_date between $first and $last
    group by grouping sets (
        (model_tag, variant, bucket, metric), (model_tag, variant, hour, bucket, metric)
    )
),
shares as (
    from (
        values
        ('degraded_share', 'degraded', 'requests'),
        ('error_share', 'errors', 'requests'),
        ('client_gone_share', 'client_gone', 'requests'),
        ('time_out_share', 'time_outs', 'deadlines'),
        ('read_share', 'n_read', 'n_scored')
    ) as named (metric, part, whole)
    union all
    select distinct 'error_share', metric, 'requests'
    from counted
    where starts_with(metric, 'error=')
),
buckets as (
    select
        wholes.model_tag,
        wholes.variant,
        if(starts_with(shares.part, 'error='), shares.part, wholes.segment) as segment,
        shares.metric,
        wholes.total as x,
        coalesce(parts.total, 0) as y
    from counted as wholes
    join shares on wholes.metric = shares.whole
    left join counted as parts
        on
            wholes.model_tag = parts.model_tag
            and wholes.variant = parts.variant
            and wholes.segment = parts.segment
            and wholes.bucket = parts.bucket
            and shares.part = parts.metric
    where wholes.segment = 'all' or not starts_with(shares.part, 'error=')
),
summed as (
    select
        model_tag,
        variant,
        segment,
        metric,
        count(*) as n_buckets,
        sum(x)::bigint as n,
        (sum(y) / sum(x))::double as value,
        sum(x * x)::double as xx,
        sum(x * y)::double as xy,
        sum(y * y)::double as yy
    from buckets
    group by model_tag, variant, segment, metric
)
select
    model_tag,
    variant,
    segment,
    metric,
    value,
    sqrt(
        greatest(yy - 2 * value * xy + value * value * xx, 0)
        * n_buckets / nullif(n_buckets - 1, 0)
    ) / n as standard_error,
    n
from summed
order by model_tag, variant, segment, metric;
