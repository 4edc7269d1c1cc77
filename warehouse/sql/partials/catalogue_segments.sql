-- The segments of products that the catalogue tells: of categories, brands and suppliers the twenty
-- with the most products are segments of their own, the others one together.
-- Grain: one row a product. Key: product, and product_id.
create or replace temp table catalogue_segments as
with categories as (
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
)
select
    products.rowid as product,
    products.product_id,
    list_filter(
        [
            'category=' || if(categories.own, products.category, 'other'),
            'brand=' || if(brands.own, products.brand, 'other'),
            'supplier=' || if(suppliers.own, products.supplier_id, 'other')
        ],
        lambda segment: segment is not null
    ) as segments
from stg_products as products
left join categories on products.category is not distinct from categories.category
left join brands on products.brand is not distinct from brands.brand
left join suppliers on products.supplier_id is not distinct from suppliers.supplier_id;
