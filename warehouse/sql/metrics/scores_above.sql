-- Where ranks are not known: how many products of its ranking have at least the score of a positive
-- (itself is one), and how many a greater one. Nothing is put in order: few products are positives.
-- Grain: one row a positive. Key: positive, its rowid in found.
create or replace temp table scores_above as
select
    found.rowid as positive,
    count(*) as n_from_it,
    count(*) filter (where pools.score > found.score) as n_greater
from pools
join found
    on
        pools.ranker = found.ranker
        and pools.segment = found.segment
        and pools.query_id = found.query_id
        and pools.score >= found.score
where found.known_rank is null
group by found.rowid;
