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
with relevant as (
    select segment, query_id, count(*) as n_relevant, max(gain, 10) as best
    from (
        select '' as segment, query_id, gain
        from judgments
        where gain > 0
        union all
        select memberships.segment, query_id, judgments.gain
        from judgments
        join memberships using (query_id, product_id)
        where judgments.gain > 0
    )
    group by segment, query_id
),
ranked as (
    select
        ranker,
        segment,
        query_id,
        count(*) filter (where rank <= 10) as n_in_10,
        count(*) filter (where rank <= 20) as n_in_20,
        min(rank) filter (where rank <= 100) as first_rank,
        -- greatest first, so that they are added in the same order every time
        max(gain / log2(rank + 1), 10) filter (where rank <= 10) as discounted
    from (
        select found.*, coalesce(known_rank, counted_ranks.rank) as rank
        from found
        left join counted_ranks on found.rowid = counted_ranks.positive
    )
    group by ranker, segment, query_id
),
measured as (
    select
        asked.ranker,
        segment,
        query_id,
        coalesce(n_in_10, 0) / 10 as "precision@10",
        coalesce(n_in_10, 0) / n_relevant as "recall@10",
        coalesce(n_in_20, 0) / n_relevant as "recall@20",
        coalesce(n_in_10 > 0, false)::integer::double as "hit_rate@10",
        least(
            coalesce(
                list_sum(discounted)
                / list_sum(list_transform(best, lambda gain, rank: gain / log2(rank + 1))),
                0
            ),
            1
        ) as "ndcg@10",
        coalesce(1 / first_rank, 0) as mrr
    from asked
    join relevant using (query_id)
    left join ranked using (ranker, segment, query_id)
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
