-- Products that are worth something to the query, in rankings whose ranks are not known.
-- Grain: one row a ranker, segment, query and product. Key: all four.
create or replace temp table scored_positives as
select pools.ranker, pools.segment, pools.query_id, pools.product_id, pools.score
from pools
join judgments using (query_id, product_id)
where judgments.gain > 0 and pools.known_rank is null;
