-- Each query's metrics, in an order that is the same in every run.
-- Grain: one row a ranker, segment and query.
select *
from per_query
order by segment, ranker, query_id;
