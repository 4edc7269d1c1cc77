-- How the service did on a day: latency in milliseconds inside the process, shares of all requests.
-- A shadow's answers are none that anybody asked for.
-- Grain: one row a model, variant and metric. Key: all three.
with measured as (
    select
        model_tag,
        variant,
        count(*)::bigint as n,
        count(*)::double as requests,
        quantile_cont(total_ms, 0.5) as latency_ms_p50,
        quantile_cont(total_ms, 0.95) as latency_ms_p95,
        quantile_cont(total_ms, 0.99) as latency_ms_p99,
        avg(degraded::int) as degraded_share,
        avg((error is not null)::int) as error_share
    from served_requests
    where
        scenario = $scenario
        and occurred_at >= $day::date
        and occurred_at < $day::date + 1
        and shadow_of is null
    group by model_tag, variant
)
unpivot measured
on requests, latency_ms_p50, latency_ms_p95, latency_ms_p99, degraded_share, error_share
into name metric value value;
