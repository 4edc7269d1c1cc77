-- What is ranked: each ranking as it is (its segment is empty), and cut down to each segment that
-- names products.
-- Grain: one row a ranker, segment, query and product, as often as the run has it.
create or replace temp view pools as
select ranker, '' as segment, query_id, product_id, score
from run
union all
select run.ranker, memberships.segment, run.query_id, run.product_id, run.score
from run
join memberships using (query_id, product_id);
