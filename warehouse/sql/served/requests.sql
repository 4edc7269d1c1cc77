-- Stages a day's answers of a scenario: clean lines, each request once.
insert into served_requests by name
with clean as (
    select *
    from raw_served as served
    where
        scenario = $scenario
        and occurred_at >= $day::date
        and occurred_at < $day::date + 1
        and not exists (
            select 1
            from quarantine
            where
                quarantine.table_name = 'raw_served'
                and quarantine.source = served.source
                and quarantine.batch = served.batch
                and quarantine.row_number = served.row_number
        )
),
once as (
    select * from clean
    qualify row_number() over (partition by request_id order by batch, row_number) = 1
)
select
    request_id,
    scenario,
    occurred_at,
    logged_at,
    user_id,
    len(session)::integer as n_session,
    "limit",
    model_tag,
    bento_tag,
    variant,
    policy,
    state_version,
    backend,
    precision,
    n_scored,
    n_read,
    degraded,
    coalesce(client_gone, false) as client_gone,
    timings_ms.retrieve as retrieve_ms,
    timings_ms.features as features_ms,
    timings_ms.queue as queue_ms,
    timings_ms.score as score_ms,
    timings_ms.total as total_ms,
    error,
    query,
    coalesce(pinned, false) as pinned,
    shadow_of,
    interleaved_with
from once
order by occurred_at, request_id;
