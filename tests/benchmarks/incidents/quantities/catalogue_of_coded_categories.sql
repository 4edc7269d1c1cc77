-- The share of products whose category is a code.
select whole(coalesce(starts_with(category, 'CODE '), false)::int) as told
from stg_products;
