-- The share of products without a brand.
select whole((brand is null)::int) as told
from stg_products;
