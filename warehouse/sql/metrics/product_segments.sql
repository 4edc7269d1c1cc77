-- The products of each segment of products.
-- Grain: one row a segment. Key: segment.
select segment, list(product_id order by product_id) as products
from segments
where query_id is null and product_id is not null
group by segment
order by segment;
