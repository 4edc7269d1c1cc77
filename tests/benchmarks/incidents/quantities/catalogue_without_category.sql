-- The share of products without a category.
select whole((category is null)::int) as told
from stg_products;
