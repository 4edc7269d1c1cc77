-- How well products answer every judged query, those that models learn from too: the truth of a
-- cross-validation, in which a query is ranked by models that have not learnt from it. Judgments by
-- people where there are any, else derived ones, of 100 queries and 50 products of each at most (by
-- chance: every ranker reads every pair many times); of products that the catalogue has, since no
-- other can be ranked.
-- Grain: one row a query and product. Key: (query_id, product_id).
create or replace temp table judgments as
with judged as (
    select *
    from stg_judgments
    semi join stg_products using (product_id)
),
chosen as (
    select *
    from judged
    where weak = (select bool_and(weak) from judged)
    qualify
        not weak
        or (
            dense_rank() over (order by md5(query_id)) <= 100
            and row_number() over (partition by query_id order by md5(query_id || product_id)) <= 50
        )
)
select query_id, product_id, max(gain) as gain
from chosen
group by query_id, product_id
order by query_id, product_id;
