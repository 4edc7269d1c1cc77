-- The metrics of windows of days, each from one of $firsts to that of $lasts, those that events change
-- or those that none does: sums of their partials, divided, with standard errors clustered by the
-- buckets of users: the linearised variance of a ratio of sums (Cochran 1977, Sampling Techniques, 6.4;
-- Deng et al. 2018, Applying the delta method in metric analytics). Of a single bucket's users nothing
-- can be said.
-- Grain: one row a window, model, variant, segment and metric. Key: all five.
with of_buckets as (
    select
        first_day,
        last_day,
        model_tag,
        variant,
        segment,
        metric,
        bucket,
        sum(n) as n,
        sum(weight) as weight,
        sum(total) as total
    from metric_partials
    join days_of($firsts, $lasts) using (served_date)
    where scenario = $scenario and (as_of is not null) = $changing
    group by all
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
        count(*) as n_buckets
    from of_buckets
    group by all
),
spread as (
    select
        first_day,
        last_day,
        model_tag,
        variant,
        segment,
        metric,
        sum(
            ((of_buckets.total::double - means.value * of_buckets.weight::double) ** 2)::decimal(38, 15)
        ) as squares
    from of_buckets
    join means using (first_day, last_day, model_tag, variant, segment, metric)
    group by all
)
select
    first_day,
    last_day,
    model_tag,
    variant,
    segment,
    metric,
    means.value,
    sqrt(spread.squares::double * n_buckets / nullif(n_buckets - 1, 0))
    / means.weight as standard_error,
    means.n
from means
join spread using (first_day, last_day, model_tag, variant, segment, metric)
order by first_day, last_day, model_tag, variant, segment, metric;
