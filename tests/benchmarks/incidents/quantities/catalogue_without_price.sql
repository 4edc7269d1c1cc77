-- The share of products without a price.
select whole((price is null)::int) as told
from stg_products;
