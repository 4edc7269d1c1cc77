-- The queries with a judgment.
-- Grain: one row a query. Key: query_id.
select distinct query_id
from judgments
order by query_id;
