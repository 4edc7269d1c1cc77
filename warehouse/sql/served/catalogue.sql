-- What could have been recommended.
-- Grain: one row a product. Key: product_id.
create or replace temp table catalogue as
select product_id, recommendable
from stg_products;
