-- What a day's metrics ask of products, as it stood when the day began. A product is as popular as
-- its share of the purchases of the four weeks before, each product counted once more than it was
-- bought, so that none is impossible; its novelty is -log2 of that, in bits. Decimals add up to the
-- same last digit in whatever order. Heads, torsos and tails hold a third of all earlier purchases
-- each; new is what nobody bought yet. Of categories, brands and suppliers the twenty with the most
-- products are segments of their own, the others one together.
-- Grain: one row a product. Key: product, and product_id.
create or replace temp table product_facts as
with purchases as (
    select
        product_id,
        count(*) as ever,
        count(*) filter (where occurred_at >= $day::date - 28) as lately
    from stg_events
    where event_type = 'purchase' and occurred_at < $day::date
    group by product_id
),
placed as (
    select
        product_id,
        lately,
        sum(ever) over (order by ever desc, product_id) / sum(ever) over () as up_to_here
    from purchases
),
categories as (
    select category, true as own
    from stg_products
    group by category
    order by count(*) desc, category
    limit 20
),
brands as (
    select brand, true as own
    from stg_products
    group by brand
    order by count(*) desc, brand
    limit 20
),
suppliers as (
    select supplier_id, true as own
    from stg_products
    group by supplier_id
    order by count(*) desc, supplier_id
    limit 20
),
popular as (
    select
        product_id,
        (1 + coalesce(lately, 0)) / sum(1 + coalesce(lately, 0)) over () as popularity
    from stg_products
    left join placed using (product_id)
)
select
    products.rowid as product,
    products.product_id,
    coalesce(products.category, '') as category,
    popularity::decimal(18, 15) as popularity,
    -log2(popularity)::decimal(18, 15) as novelty,
    placed.product_id is null as is_new,
    list_filter(
        [
            'category=' || if(categories.own, products.category, 'other'),
            'brand=' || if(brands.own, products.brand, 'other'),
            'supplier=' || if(suppliers.own, products.supplier_id, 'other'),
            case
                when placed.product_id is null then 'new'
                when placed.up_to_here <= 1 / 3 then 'head'
                when placed.up_to_here <= 2 / 3 then 'torso'
                else 'tail'
            end
        ],
        lambda segment: segment is not null
    ) as segments
from stg_products as products
join popular on products.product_id = popular.product_id
left join categories on products.category is not distinct from categories.category
left join brands on products.brand is not distinct from brands.brand
left join suppliers on products.supplier_id is not distinct from suppliers.supplier_id
left join placed on products.product_id = placed.product_id;
