-- Requests of some days as one would hand them over: what was asked, from where, and what came of it.
-- Grain: one row a request.
select
    hour(occurred_at) as hour,
    lower(query) as query,
    len(string_split(query, ' ')) as words,
    device,
    country,
    requests.store_id,
    total_ms,
    degraded::int as degraded,
    (error is not null)::int as failed,
    client_gone::int as client_gone,
    best.score,
    (clicks.request_id is not null)::int as clicked
from served_requests as requests
left join served_candidates as best on requests.request_id = best.request_id and best."rank" = 1
left join (
    select distinct request_id from stg_events
    where event_type = 'click' and occurred_at::date between $first::date and $last::date
) as clicks on requests.request_id = clicks.request_id
where scenario = $scenario and occurred_at::date between $first::date and $last::date
