-- The best 100 of each ranking within each segment, with what they turned out to be worth.
-- A segment of products is ranked by itself: its metrics say how well a ranker orders such products.
-- Ties in score go to the smaller product_id.
-- Grain: one row a ranker, segment, query and product. Key: all four.
create or replace temp table judged_run as
with ranked as (
    select
        run.ranker,
        memberships.segment,
        run.query_id,
        run.product_id,
        row_number() over (
            partition by run.ranker, memberships.segment, run.query_id
            order by run.score desc, run.product_id
        ) as rank
    from run
    join memberships using (query_id, product_id)
    qualify rank <= 100
)
select ranked.*, coalesce(judgments.gain, 0) as gain
from ranked
left join judgments using (query_id, product_id);
