-- Each query's metrics side by side for all rankers, in an order that is the same in every run.
-- Grain: one row a segment, metric, ranker and query.
select segment, metric, ranker, query_id, value
from per_query
order by segment, metric, ranker, query_id;
