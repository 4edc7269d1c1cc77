-- A product as its newest drop describes it.
create or replace table stg_products as
with clean as (
    select *
    from raw_products as products
    where not exists (
        select 1
        from quarantine
        where
            quarantine.table_name = 'raw_products'
            and quarantine.source = products.source
            and quarantine.batch = products.batch
            and quarantine.row_number = products.row_number
    )
),
newest as (
    select * from clean
    qualify row_number() over (partition by product_id order by title is null, batch desc) = 1
)
select
    product_id,
    lower(concat_ws(' ', title, product_type, category, brand, size, department)) as text,
    title,
    brand,
    department,
    category,
    product_type,
    size,
    supplier_id,
    price,
    recommendable
from newest
order by product_id;
