-- The positives that were ranked. One that was ranked twice counts where it stands first.
-- Grain: one row a positive. Key: positive, its rowid.
create or replace temp table ranked_positives as
select positives.rowid as positive, max(pools.score) as score
from pools
join positives using (ranker, segment, query_id, product_id)
group by positives.rowid;
