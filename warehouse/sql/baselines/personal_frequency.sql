-- Baseline: what this user buys most often (Hu et al., TIFU-KNN, 2020: P-TopFreq), then what is
-- popular: a popularity is a share and so below one purchase.
-- Grain: one row a query and product. Key: (ranker, query_id, product_id).
insert into run by name
with frequency as (
    select user_id as query_id, product_id, count(*) as purchases
    from purchases_before
    group by user_id, product_id
)
select
    'personal_frequency' as ranker,
    candidates.query_id,
    candidates.product_id,
    coalesce(frequency.purchases, 0) + candidates.popularity as score
from personal_candidates as candidates
left join frequency using (query_id, product_id);
