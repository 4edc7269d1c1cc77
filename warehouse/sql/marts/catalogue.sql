-- The catalogue, in the order of its identifiers.
-- Grain: one row a product. Key: product_id.
select
    product_id,
    text,
    brand,
    department,
    category,
    product_type,
    supplier_id,
    price,
    recommendable
from stg_products
order by product_id;
