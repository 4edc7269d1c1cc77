-- The share of products with another one's title.
select whole((n > 1)::int) as told
from (select count(*) over (partition by title) as n from stg_products);
