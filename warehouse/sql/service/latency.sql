-- Counts a day's answers by how long each stage of them took. A shadow's answers are none that anybody
-- asked for.
insert into latency_partials by name
with answers as (
    select
        hour(occurred_at) as hour,
        model_tag,
        variant,
        total_ms as total,
        queue_ms as queue,
        retrieve_ms as retrieve,
        features_ms as features,
        score_ms as score,
        if(cold, total_ms, null) as cold
    from served_requests
    where
        scenario = $scenario
        and occurred_at >= $day::date
        and occurred_at < $day::date + 1
        and shadow_of is null
        and error is null
        and not client_gone
),
stages as (
    unpivot answers
    on total, queue, retrieve, features, score, cold
    into name stage value ms
)
select
    $scenario as scenario,
    $day::date as served_date,
    hour,
    model_tag,
    variant,
    stage,
    latency_bin(ms) as bin,
    count(*) as n
from stages
group by all
order by all;
