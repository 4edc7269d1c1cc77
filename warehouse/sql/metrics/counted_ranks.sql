-- The ranks of positives that were not known: one more than there are products above. Of products with
-- the same score the smaller product_id is above.
-- Grain: one row a positive. Key: positive, its rowid in found.
create or replace temp table counted_ranks as
with tied as (
    select scores_above.positive, found.*
    from scores_above
    join found on scores_above.positive = found.rowid
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
