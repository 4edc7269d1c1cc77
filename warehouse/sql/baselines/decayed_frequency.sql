-- Baseline: what this user buys most often, a purchase counting half after $half_life_days.
-- Popularity, scaled below any count that matters, orders the rest.
-- Grain: one row a query and product. Key: (ranker, query_id, product_id).
insert into run by name
with frequency as (
    select
        user_id as query_id,
        product_id,
        sum(
            pow(0.5, date_diff('second', occurred_at, $cut::timestamp) / 86400.0 / $half_life_days)
        ) as purchases
    from purchases_before
    group by user_id, product_id
)
select
    $ranker as ranker,
    candidates.query_id,
    candidates.product_id,
    coalesce(frequency.purchases, 0) + 1e-6 * candidates.popularity as score
from personal_candidates as candidates
left join frequency using (query_id, product_id);
