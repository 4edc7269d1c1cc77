-- A product as its newest drop describes it, in plain text.
-- The encoder reads title and description where there is a description, else whatever is known.
create or replace table stg_products as
with clean as (
    select * replace (plain_text(title) as title, plain_text(description) as description)
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
    if(
        description is null,
        lower(concat_ws(' ', title, product_type, category, brand, size, department)),
        concat_ws(' ', title, description)
    ) as text,
    title,
    brand,
    department,
    category,
    product_type,
    size,
    supplier_id,
    price,
    recommendable,
    description,
    coalesce(attributes, map {}) as attributes,
    in_stock
from newest
order by product_id;
