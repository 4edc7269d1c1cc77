-- Stages a day's answers of a scenario, from the lines that count. Queries are head, torso or tail by
-- how often they are typed on the day, a third of its requests each. A process's first line is that of the
-- first of its segments, which bentos/serving/segments.py names.
insert into served_requests by name
with lines as (
    select * exclude (candidates, recent), lower(trim(query)) as typed
    from served_lines
    semi join day_lines using (source, batch, row_number)
    where occurred_at >= $day::date and occurred_at < $day::date + 1
),
queries as (
    select
        typed,
        sum(count(*)) over (order by count(*) desc, typed) / sum(count(*)) over () as up_to_here
    from lines
    where typed is not null
    group by typed
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
    interleaved_with,
    case
        when queries.up_to_here <= 1 / 3 then 'head'
        when queries.up_to_here <= 2 / 3 then 'torso'
        when queries.up_to_here is not null then 'tail'
    end as query_frequency,
    context ->> '$.store_id' as store_id,
    context ->> '$.country' as country,
    context ->> '$.device' as device,
    deadline_ms,
    if(
        regexp_matches(batch, '-\d{6}\.jsonl$'),
        row_number = 0 and ends_with(batch, '-000000.jsonl'),
        null
    ) as cold,
    index_version
from lines
left join queries using (typed)
order by occurred_at, request_id;
