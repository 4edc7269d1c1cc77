-- How many products of its ranking have at least the score of a ranked positive (itself is one), and
-- how many a greater one. Nothing is put in order: few products are positives.
-- Grain: one row a ranked positive. Key: positive, its rowid.
create or replace temp table scores_above as
with ranked as (
    select ranked_positives.*, positives.ranker, positives.segment, positives.query_id
    from ranked_positives
    join positives on ranked_positives.positive = positives.rowid
)
select
    ranked.positive,
    count(*) as n_from_it,
    count(*) filter (where pools.score > ranked.score) as n_greater
from pools
join ranked
    on
        pools.ranker = ranked.ranker
        and pools.segment = ranked.segment
        and pools.query_id = ranked.query_id
        and pools.score >= ranked.score
group by ranked.positive;
