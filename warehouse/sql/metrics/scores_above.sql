-- Of positives that were ranked, it is not known where: how many products of the ranking have at least
-- their score (they themselves do), and how many a greater one. Nothing is put in order: few products
-- are positives.
-- Grain: one row a positive. Key: positive, its rowid in positives.
create or replace temp table scores_above as
select
    positives.rowid as positive,
    count(*) as n_from_it,
    count(*) filter (where pools.score > positives.score) as n_greater
from pools
join positives
    on
        pools.ranker = positives.ranker
        and pools.segment = positives.segment
        and pools.query_id = positives.query_id
        and pools.score >= positives.score
where positives.known_rank is null and positives.score is not null
group by positives.rowid;
