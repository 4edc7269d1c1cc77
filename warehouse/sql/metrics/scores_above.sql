-- How many products of its ranking have at least the score of a positive (itself is one), and how many
-- a greater one. Nothing is put in order: few products are positives.
-- Grain: one row a positive. Key: positive, its rowid.
create or replace temp table scores_above as
select
    positives.rowid as positive,
    count(*) as n_from_it,
    count(*) filter (where pools.score > positives.score) as n_greater
from pools
join scored_positives as positives
    on
        pools.ranker = positives.ranker
        and pools.segment = positives.segment
        and pools.query_id = positives.query_id
        and pools.score >= positives.score
group by positives.rowid;
