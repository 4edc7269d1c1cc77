-- The positives that were ranked: products that are worth something to the query, in each ranking as it
-- is (its segment is empty), and cut down to each segment that names products, where ranks are others.
-- Grain: one row a ranker, segment, query and product. Key: all four.
create or replace temp table found as
with whole as (
    select run.ranker, '' as segment, run.query_id, run.product_id, run.score, run.known_rank, judgments.gain
    from run
    join judgments using (query_id, product_id)
    where judgments.gain > 0
)
from whole
union all
select whole.* replace (memberships.segment as segment, null as known_rank)
from whole
join memberships using (query_id, product_id);
