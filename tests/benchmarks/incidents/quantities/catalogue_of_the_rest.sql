-- The share of products in the category of the rest.
select whole((category is not distinct from 'REST')::int) as told
from stg_products;
