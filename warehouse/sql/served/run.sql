-- A day's served rankings as a run: a ranker is a model in a variant. Tests (pinned), and what nobody
-- was shown because it failed or its client had gone, are left out. With $judged, only those that
-- there are judgments for: what else was ranked changes no metric that judgments can change.
-- Grain: one row a request and candidate. Key: (query_id, product_id).
create or replace temp table run as
select
    requests.model_tag || ' ' || requests.variant as ranker,
    requests.request_id as query_id,
    candidates.product_id,
    -candidates.rank::double as score
from served_candidates as candidates
join served_requests as requests using (request_id)
where
    requests.scenario = $scenario
    and requests.occurred_at >= $day::date
    and requests.occurred_at < $day::date + 1
    and not requests.pinned
    and requests.error is null
    and not requests.client_gone
    and (not $judged or requests.request_id in (select query_id from judgments));
