-- What is ranked: each ranking as it is (its segment is empty), and cut down to each segment that
-- names products, where it has other ranks.
-- Grain: one row a ranker, segment, query and product. Key: all four.
create or replace temp view pools as
select ranker, '' as segment, query_id, product_id, score, known_rank
from run
union all
select run.ranker, memberships.segment, run.query_id, run.product_id, run.score, null
from run
join memberships using (query_id, product_id);
