-- How often a product was probably looked at, and how often it probably was what the shopper
-- wanted: every time it was taken, and of the other times as often as is likely when it was not
-- taken although looked at, or wanted but not looked at.
-- Grain: one row a query, product and rank. Key: all three.
create or replace temp table expectation as
select
    query_id,
    product_id,
    "rank",
    shown,
    taken + (shown - taken)
    * examination.probability * (1 - attraction.probability)
    / greatest(1 - examination.probability * attraction.probability, 1e-9) as looked_at,
    taken + (shown - taken)
    * attraction.probability * (1 - examination.probability)
    / greatest(1 - examination.probability * attraction.probability, 1e-9) as wanted
from showings
join examination using ("rank")
join attraction using (query_id, product_id);
