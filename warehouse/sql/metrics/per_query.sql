-- Ranking metrics of each query. A query without a positive in the segment is left out; one for
-- which the ranker returned nothing counts 0.
--   precision@k  positives among the first k, over k, also where fewer were ranked
--   recall@k     share of the positives among the first k
--   hit_rate@k   1 where a positive is among the first k
--   ndcg@k       discounted cumulative gain, linear in gain, over the ideal one cut at k
--                (Jarvelin and Kekalainen 2002)
--   mrr          1 / rank of the first positive among the first 100, else 0
-- In segments that name queries only, a query's metrics are those of the whole.
-- Grain: one row a ranker, segment and query. Key: all three. One column a metric.
create or replace temp table per_query as
with placed as (
    select positives.*, coalesce(known_rank, counted_ranks.rank) as rank
    from positives
    left join counted_ranks on positives.rowid = counted_ranks.positive
),
counted as (
    select
        ranker,
        segment,
        query_id,
        count(*) as n_relevant,
        count(*) filter (where rank <= 10) as n_in_10,
        count(*) filter (where rank <= 20) as n_in_20,
        min(rank) filter (where rank <= 100) as first_rank,
        max(gain, 10) as best,
        -- greatest first, so that they are added in the same order every time
        max(gain / log2(rank + 1), 10) filter (where rank <= 10) as discounted
    from placed
    group by ranker, segment, query_id
),
measured as (
    select
        ranker,
        segment,
        query_id,
        n_in_10 / 10 as "precision@10",
        n_in_10 / n_relevant as "recall@10",
        n_in_20 / n_relevant as "recall@20",
        (n_in_10 > 0)::integer::double as "hit_rate@10",
        least(
            coalesce(
                list_sum(discounted)
                / list_sum(list_transform(best, lambda gain, rank: gain / log2(rank + 1))),
                0
            ),
            1
        ) as "ndcg@10",
        coalesce(1 / first_rank, 0) as mrr
    from counted
),
query_segments as (
    select segment, query_id
    from segments
    anti join cut_segments using (segment)
)
select measured.* replace (query_segments.segment as segment)
from measured
cross join (select segment from query_segments where query_id is null) as query_segments
where measured.segment = ''
union all by name
select measured.* replace (query_segments.segment as segment)
from measured
join query_segments using (query_id)
where measured.segment = ''
union all by name
select * from measured
where segment <> '';
