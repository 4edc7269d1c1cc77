-- What a day's metrics ask of products, as it stood when the day began. A
-- product is as popular as its share of the purchases of the four weeks before, each product counted
-- once more than it was bought, so that none is impossible; its novelty is -log2 of that, in bits.
-- Decimals add up to the same last digit in whatever order. New is what nobody had bought yet.
-- Grain: one row a product. Key: product, and product_id.
create or replace temp table product_facts as
with purchases as (
    select product_id, count(*) as lately
    from stg_events
    where
        event_type = 'purchase'
        and occurred_at >= $day::date - 28
        and occurred_at < $day::date
    group by product_id
),
popular as (
    select
        product_id,
        coalesce(category, '') as category,
        (1 + coalesce(lately, 0)) / sum(1 + coalesce(lately, 0)) over () as popularity
    from stg_products
    left join purchases using (product_id)
)
select
    catalogue.product,
    product_id,
    popular.category,
    popular.popularity::decimal(18, 15) as popularity,
    -log2(popular.popularity)::decimal(18, 15) as novelty,
    places.place is null as is_new,
    catalogue.segments || [coalesce(places.place, 'new')] as segments
from catalogue_segments as catalogue
join popular using (product_id)
left join (from product_places where served_date = $day::date) as places using (product_id);
