-- The ranks of positives that were not known: one more than there are products above. Of products with
-- the same score the smaller product_id is above.
-- Grain: one row a positive of scores_above. Key: positive.
create or replace temp table counted_ranks as
with tied as (
    select scores_above.positive, positives.*
    from scores_above
    join positives on scores_above.positive = positives.rowid
    where scores_above.n_from_it > scores_above.n_greater + 1
),
smaller as (
    select tied.positive, count(*) as n_smaller
    from pools
    join tied using (ranker, segment, query_id, score)
    where pools.product_id < tied.product_id
    group by tied.positive
)
select positive, 1 + scores_above.n_greater + coalesce(smaller.n_smaller, 0) as rank
from scores_above
left join smaller using (positive);
