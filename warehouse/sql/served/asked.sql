-- Which ranker was asked which query: online, the one that answered, even with nothing, and the one
-- in its shadow. Tests (pinned) are left out; a request that failed, or whose client had gone, is no
-- answer.
-- Grain: one row a ranker and query. Key: both.
create or replace temp table asked as
select model_tag || ' ' || variant as ranker, request_id as query_id
from served_requests
where
    scenario = $scenario
    and occurred_at >= $day::date
    and occurred_at < $day::date + 1
    and not pinned
    and error is null
    and not client_gone;
