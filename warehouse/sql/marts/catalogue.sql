-- The catalogue, in the order of its identifiers.
-- Grain: one row a product. Key: product_id.
select
    product_id,
    text,
    title,
    description,
    brand,
    department,
    category,
    product_type,
    size,
    supplier_id,
    price,
    in_stock,
    attributes,
    recommendable
from stg_products
order by product_id;
