-- The candidates that every baseline falls back on: the $places most bought products of each segment of
-- products, and their popularity as a share of all purchases.
-- Grain: one row a product. Key: product_id.
create or replace temp table popular_candidates as
with popularity as (
    select product_id, count(*) / sum(count(*)) over () as popularity
    from purchases_before
    group by product_id
),
placed as (
    select
        popularity.product_id,
        popularity.popularity,
        row_number() over (
            partition by segments.segment
            order by popularity.popularity desc, popularity.product_id
        ) as place
    from popularity
    left join segments on popularity.product_id = segments.product_id and segments.query_id is null
)
select product_id, popularity
from placed
where place <= $places;
