-- The products that may be recommended, in the order of their identifiers.
-- Grain: one row a product. Key: product_id.
select product_id, text, brand, department, category, product_type, price
from stg_products
where recommendable
order by product_id;
