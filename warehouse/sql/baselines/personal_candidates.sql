-- What the personal baselines rank for each query: what the user bought, and what is popular.
-- Grain: one row a query and product. Key: both.
create or replace temp table personal_candidates as
with pairs as (
    select query_id, product_id
    from (select distinct query_id from judgments)
    cross join popular_candidates
    union
    select distinct purchases.user_id, purchases.product_id
    from purchases_before as purchases
    semi join judgments on purchases.user_id = judgments.query_id
)
select pairs.query_id, pairs.product_id, coalesce(popular.popularity, 0) as popularity
from pairs
left join popular_candidates as popular using (product_id);
