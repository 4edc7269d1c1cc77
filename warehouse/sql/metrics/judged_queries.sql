-- The queries that can be judged: those with a positive in the segment, and the best they could get.
-- Grain: one row a segment and query. Key: both.
create or replace temp table judged_queries as
with ideal as (
    select
        memberships.segment,
        judgments.query_id,
        judgments.gain,
        row_number() over (
            partition by memberships.segment, judgments.query_id order by judgments.gain desc
        ) as rank
    from judgments
    join memberships using (query_id, product_id)
    where judgments.gain > 0
)
select
    segment,
    query_id,
    count(*) as n_relevant,
    sum(gain / log2(rank + 1) order by rank) filter (where rank <= 10) as ideal_dcg_10
from ideal
group by segment, query_id;
