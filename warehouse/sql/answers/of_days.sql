-- A scenario's answers of the days from $first to $last that are part of its metrics. Left out are
-- tests (pinned), what nobody was shown because it failed or its client had gone, and the answers to
-- robots. A shadow's were not seen. Each counts (sign 1) with what had followed it by the end of $as_of.
-- With $since, which has of each day the one up to whose end it was counted, or null, only those that
-- something followed after that; what they were counted with is taken away (sign -1). Of those who say
-- not who they are, each request is somebody else's.
-- Grain: one row an answer and sign. Key: answer, query_id, and both request_id and sign.
create or replace temp table counted_answers as
with requests as not materialized (
    select
        rowid as row_number,
        occurred_at::date as served_date,
        ($since::date[])[served_date - $first::date + 1] as since,
        *
    from served_requests
    where
        scenario = $scenario
        and occurred_at >= $first::date
        and occurred_at < $last::date + 1
        and not pinned
        and error is null
        and not client_gone
),
followed as (
    select request_id, max(occurred_at) as last_at
    from outcomes
    where
        occurred_at >= list_min($since::date[]) + 1
        and occurred_at < $as_of::date + 1
    group by request_id
),
asked as (
    from requests
    where $since is null
    union all
    select requests.*
    from requests
    join followed on coalesce(requests.shadow_of, requests.request_id) = followed.request_id
    where followed.last_at >= requests.since::date + 1
),
people as (
    from asked
    anti join robots using (scenario, served_date, user_id)
),
signed as (
    select
        *,
        unnest(
            [{'sign': 1, 'until': $as_of::date}]
            || if(since >= served_date, [{'sign': -1, 'until': since}], []),
            max_depth := 2
        )
    from people
)
select
    if(sign = 1, row_number, -1 - row_number) as answer,
    answer::varchar as query_id,
    sign,
    until,
    served_date,
    request_id,
    user_id,
    user_bucket(user_id, request_id) as bucket,
    occurred_at,
    query,
    query_frequency,
    store_id,
    country,
    device,
    model_tag,
    variant,
    degraded,
    interleaved_with,
    shadow_of,
    shadow_of is null as seen
from signed;
