-- How well products answer the queries that are kept for the test: the truth of the offline
-- evaluation. Judgments by people where there are any, else derived ones, of 100 queries at most.
-- Grain: one row a query and product. Key: (query_id, product_id).
create or replace temp table judgments as
with held as (
    select *
    from stg_judgments
    where held_out(query_id)
),
chosen as (
    select *
    from held
    where weak = (select bool_and(weak) from held)
    qualify not weak or dense_rank() over (order by md5(query_id)) <= 100
)
select query_id, product_id, max(gain) as gain
from chosen
group by query_id, product_id
order by query_id, product_id;
