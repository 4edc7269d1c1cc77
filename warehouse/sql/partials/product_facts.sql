-- What a day's metrics ask of products, as it stood when the day began. A product is as popular as
-- its share of the purchases of the four weeks before, each product counted once more than it was
-- bought, so that none is impossible. Heads, torsos and tails hold a third of all earlier purchases
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
ranked as (
    select
        rowid as product,
        product_id,
        category,
        brand,
        supplier_id,
        count(*) over (partition by category) as n_category,
        count(*) over (partition by brand) as n_brand,
        count(*) over (partition by supplier_id) as n_supplier
    from stg_products
),
listed as (
    select
        *,
        dense_rank() over (order by n_category desc, category) <= 20 as own_category,
        dense_rank() over (order by n_brand desc, brand) <= 20 as own_brand,
        dense_rank() over (order by n_supplier desc, supplier_id) <= 20 as own_supplier
    from ranked
)
select
    listed.product,
    listed.product_id,
    coalesce(listed.category, '') as category,
    (1 + coalesce(placed.lately, 0)) / sum(1 + coalesce(placed.lately, 0)) over () as popularity,
    placed.product_id is null as is_new,
    list_filter(
        [
            'category=' || if(own_category, listed.category, 'other'),
            'brand=' || if(own_brand, listed.brand, 'other'),
            'supplier=' || if(own_supplier, listed.supplier_id, 'other'),
            case
                when placed.product_id is null then 'new'
                when placed.up_to_here <= 1 / 3 then 'head'
                when placed.up_to_here <= 2 / 3 then 'torso'
                else 'tail'
            end
        ],
        lambda segment: segment is not null
    ) as segments
from listed
left join placed using (product_id);
