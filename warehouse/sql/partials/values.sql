-- The metrics of windows of days, each from one of $firsts to that of $lasts, those that events change
-- or those that none does: sums of their partials, divided, with standard errors clustered by the
-- buckets of users: the linearised variance of a ratio of sums (Cochran 1977, Sampling Techniques, 6.4;
-- Deng et al. 2018, Applying the delta method in metric analytics). Of a single bucket's users nothing
-- can be said. A day's partials are those of buckets as they are; those of more days are added up.
-- Grain: one row a window, model, variant, segment and metric. Key: all five.
with windows as (
    select unnest($firsts::date[]) as first_day, unnest($lasts::date[]) as last_day
),
partials as (
    from metric_partials
    where scenario = $scenario and (as_of is not null) = $changing
),
of_buckets as (
    select
        windows.first_day,
        windows.last_day,
        model_tag,
        variant,
        segment,
        metric,
        n,
        weight,
        total
    from partials
    join windows on partials.served_date = windows.first_day
    where windows.first_day = windows.last_day
    union all
    select
        windows.first_day,
        windows.last_day,
        model_tag,
        variant,
        segment,
        metric,
        sum(n) as n,
        sum(weight) as weight,
        sum(total) as total
    from partials
    join windows on partials.served_date between windows.first_day and windows.last_day
    where windows.first_day < windows.last_day
    group by windows.first_day, windows.last_day, model_tag, variant, segment, metric, bucket
),
means as (
    select
        first_day,
        last_day,
        model_tag,
        variant,
        segment,
        metric,
        sum(n)::bigint as n,
        sum(weight)::double as weight,
        sum(total)::double / sum(weight)::double as value,
        -- most weigh what they number, which is a double at a fraction of the cost
        list({'weight': if(weight = n, n::double, weight::double), 'total': total::double}) as buckets
    from of_buckets
    group by first_day, last_day, model_tag, variant, segment, metric
),
measured as (
    select
        *,
        len(buckets) as n_buckets,
        list_sum(
            list_transform(
                buckets, lambda each: ((each.total - value * each.weight) ** 2)::decimal(38, 15)
            )
        )::double as squares
    from means
)
select
    first_day,
    last_day,
    model_tag,
    variant,
    segment,
    metric,
    value,
    sqrt(squares * n_buckets / nullif(n_buckets - 1, 0)) / weight as standard_error,
    n
from measured
order by first_day, last_day, model_tag, variant, segment, metric;
