-- The segments that name products: what is ranked is cut down to them, and ranked by itself. A segment
-- that names queries only leaves their rankings whole.
-- Grain: one row a segment. Key: segment.
create or replace temp table cut_segments as
select distinct segment
from segments
where product_id is not null;
