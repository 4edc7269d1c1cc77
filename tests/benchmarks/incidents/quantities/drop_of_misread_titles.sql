-- The share of the day's products whose title has spaces that were misread.
select whole(coalesce(contains(title, 'Â '), false)::int) as told
from raw_products
where batch = $day::date::varchar;
