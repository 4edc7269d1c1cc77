-- The share of the recommendable catalogue that the first ten ranks of all queries show. Ties in score
-- go to the smaller product_id. `catalogue` is served/catalogue.
-- Grain: one row a ranker. Key: ranker.
with shown as (
    select ranker, query_id, product_id
    from run
    qualify
        row_number() over (
            partition by ranker, query_id order by score desc, product_id
        ) <= 10
)
select
    ranker,
    count(distinct product_id) / (select count(*) from catalogue where recommendable) as value,
    count(distinct query_id) as n
from shown
group by ranker
order by ranker;
