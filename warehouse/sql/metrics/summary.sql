-- The mean of each ranking metric, its standard error, and the number of queries behind it. Metrics
-- lie between 0 and 1. They are added as whole numbers, so that whatever order threads come in, a
-- second run comes to the same last digit.
-- Grain: one row a ranker, segment and metric. Key: all three.
with added as (
    select
        ranker,
        segment,
        count(*) as n,
        {
            'total': sum((columns(* exclude (ranker, segment, query_id)) * 2.0 ** 62)::bigint),
            'units': sum((columns(* exclude (ranker, segment, query_id)) * 2.0 ** 31)::bigint),
            'squares': sum(
                (columns(* exclude (ranker, segment, query_id)) * 2.0 ** 31)::bigint
                * (columns(* exclude (ranker, segment, query_id)) * 2.0 ** 31)::bigint
            )
        }
    from per_query
    group by ranker, segment
)
select
    ranker,
    segment,
    metric,
    sums.total / 2.0 ** 62 / n as value,
    sqrt((n * sums.squares - sums.units * sums.units) / nullif(n - 1, 0)) / n / 2.0 ** 31
        as standard_error,
    n
from (
    unpivot added
    on columns(* exclude (ranker, segment, n))
    into name metric value sums
)
order by ranker, segment, metric;
