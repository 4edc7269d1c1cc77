-- Which ranker was asked which query: online, the one that answered, even with nothing.
-- Grain: one row a ranker and query. Key: both.
create or replace temp table asked as
select model_tag || ' ' || variant as ranker, request_id as query_id
from served_requests
where
    scenario = $scenario
    and occurred_at >= $day::date
    and occurred_at < $day::date + 1;
