-- The share of products whose title has spaces that were misread.
select whole(coalesce(contains(title, 'Â '), false)::int) as told
from stg_products;
