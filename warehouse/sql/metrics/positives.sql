-- The positives, products that are worth something to a query, for each ranker that was asked it: with the
-- score, and the rank where that is known, if it ranked them. In each ranking as it is (its segment is
-- empty), and cut down to each segment that names products, where ranks are others.
-- Grain: one row a ranker, segment, query and product. Key: all four.
create or replace temp table positives as
with wanted as (
    select asked.ranker, query_id, judgments.product_id, judgments.gain
    from judgments
    join asked using (query_id)
    where judgments.gain > 0
),
whole as (
    select ranker, '' as segment, query_id, product_id, run.score, run.known_rank, wanted.gain
    from wanted
    left join run using (ranker, query_id, product_id)
)
from whole
union all
select whole.* replace (memberships.segment as segment, null as known_rank)
from whole
join memberships using (query_id, product_id);
