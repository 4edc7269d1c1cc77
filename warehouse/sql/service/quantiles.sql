-- Quantiles of the milliseconds that answers from $first to $last took inside the process, by stage, in
-- all hours and in each. Those of a bin are taken to lie evenly in it, so that each is off by 1% at most,
-- or by 1 µs; between two answers the quantile lies as numpy and quantile_cont have it.
-- The standard error is half the distance between the quantiles one standard deviation of a binomial
-- share below and above (Woodruff 1952), for answers that come one by one; where there are too few for
-- that, there is none.
-- Grain: one row a model, variant, segment and metric. Key: all four.
with binned as (
    select
        model_tag,
        variant,
        hour_segment(hour) as segment,
        stage,
        bin,
        sum(n)::bigint as n
    from latency_partials
    where scenario = $scenario and served_date between $first and $last
    group by grouping sets (
        (model_tag, variant, stage, bin), (model_tag, variant, hour, stage, bin)
    )
),
bins as (
    select
        *,
        (sum(n) over (partition by model_tag, variant, segment, stage order by bin))::bigint as upto
    from binned
),
timed as (
    select model_tag, variant, segment, stage, sum(n)::bigint as n
    from binned
    group by all
),
wanted as (
    select
        timed.*,
        quantile,
        side,
        share + side * sqrt(share * (1 - share) / n) as share,
        (n - 1) * (share + side * sqrt(share * (1 - share) / n)) as place
    from timed
    cross join (values ('p50', 0.5), ('p95', 0.95), ('p99', 0.99)) as quantiles (quantile, share)
    cross join (values (-1), (0), (1)) as sides (side)
),
neighbours as (
    select
        * exclude (share, place),
        unnest([floor(place), ceil(place)])::bigint + 1 as rank,
        unnest([1 - place + floor(place), place - floor(place)]) as weight
    from wanted
    where share > 0 and share < 1
),
found as (
    select
        neighbours.model_tag,
        neighbours.variant,
        neighbours.segment,
        neighbours.stage,
        neighbours.n,
        quantile,
        side,
        sum(
            weight * latency_in_bin(bin, (rank - 0.5 - (upto - bins.n)) / bins.n)
        ) as ms
    from neighbours
    join bins
        on
            neighbours.model_tag = bins.model_tag
            and neighbours.variant = bins.variant
            and neighbours.segment = bins.segment
            and neighbours.stage = bins.stage
            and neighbours.rank > bins.upto - bins.n
            and neighbours.rank <= bins.upto
    group by all
)
select
    model_tag,
    variant,
    segment,
    if(stage = 'total', 'latency', stage) || '_ms_' || quantile as metric,
    max(ms) filter (where side = 0) as value,
    (max(ms) filter (where side = 1) - max(ms) filter (where side = -1)) / 2 as standard_error,
    n
from found
group by model_tag, variant, segment, stage, quantile, n
order by model_tag, variant, segment, metric;
