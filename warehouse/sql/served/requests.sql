-- Stages a day's answers of a scenario, from the lines that count. A process's first line is that of the
-- first of its segments, which bentos/serving/segments.py names.
insert into served_requests by name
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
    interleaved_with,
    deadline_ms,
    if(
        regexp_matches(batch, '-\d{6}\.jsonl$'),
        row_number = 0 and ends_with(batch, '-000000.jsonl'),
        null
    ) as cold
from served_lines
semi join day_lines using (source, batch, row_number)
where occurred_at >= $day::date and occurred_at < $day::date + 1
order by occurred_at, request_id;
