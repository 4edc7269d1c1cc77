-- How the service did on a day: latency of its answers in milliseconds inside the process, and shares
-- of all requests. A shadow's answers are none that anybody asked for.
-- Grain: one row a model, variant and metric. Key: all three.
with asked as (
    from served_requests
    where
        scenario = $scenario
        and occurred_at >= $day::date
        and occurred_at < $day::date + 1
        and shadow_of is null
),
counted as (
    select
        model_tag,
        variant,
        count(*)::bigint as n,
        count(*)::double as requests,
        avg(degraded::int) as degraded_share,
        avg((error is not null)::int) as error_share,
        avg(client_gone::int) as client_gone_share
    from asked
    group by model_tag, variant
),
timed as (
    select
        model_tag,
        variant,
        count(*)::bigint as n,
        quantile_cont(total_ms, 0.5) as latency_ms_p50,
        quantile_cont(total_ms, 0.95) as latency_ms_p95,
        quantile_cont(total_ms, 0.99) as latency_ms_p99
    from asked
    where error is null and not client_gone
    group by model_tag, variant
)
from (
    unpivot counted
    on requests, degraded_share, error_share, client_gone_share
    into name metric value value
)
union all by name
from (
    unpivot timed
    on latency_ms_p50, latency_ms_p95, latency_ms_p99
    into name metric value value
);
