-- The positives that were ranked. Cut down to a segment, a ranking has other ranks than those known.
-- Grain: one row a ranker, segment, query and product. Key: all four.
create or replace temp table found as
select
    run.ranker,
    positives.segment,
    run.query_id,
    run.product_id,
    positives.gain,
    run.score,
    if(positives.segment = '', run.known_rank, null) as known_rank
from run
join positives using (query_id, product_id);
