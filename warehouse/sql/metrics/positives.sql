-- What each ranker should have found: products that are worth something to a query that it was asked,
-- of the whole (its segment is empty) and of each segment that names products. Of a pair that was
-- judged twice the greater gain counts.
-- Grain: one row a ranker, segment, query and product. Key: all four.
create or replace temp table positives as
with wanted as (
    select '' as segment, query_id, product_id, gain
    from judgments
    where gain > 0
    union all
    select memberships.segment, judgments.query_id, judgments.product_id, judgments.gain
    from judgments
    join memberships using (query_id, product_id)
    where judgments.gain > 0
)
select asked.ranker, wanted.segment, wanted.query_id, wanted.product_id, max(wanted.gain) as gain
from wanted
join asked using (query_id)
group by asked.ranker, wanted.segment, wanted.query_id, wanted.product_id;
