-- What is worth something to a query: in each ranking as it is (its segment is empty), and in those that
-- are cut down to a segment that names products.
-- Grain: one row a segment, query and product. Key: all three.
create or replace temp view positives as
select '' as segment, query_id, product_id, gain
from judgments
where gain > 0
union all
select memberships.segment, judgments.query_id, judgments.product_id, judgments.gain
from judgments
join memberships using (query_id, product_id)
where judgments.gain > 0;
