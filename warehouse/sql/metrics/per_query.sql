-- Ranking metrics of each query. A query without a positive in the segment is left out; one for
-- which the ranker returned nothing counts 0.
--   recall@k    share of the positives among the first k
--   ndcg@k      discounted cumulative gain, linear in gain, over the ideal one cut at k
--               (Jarvelin and Kekalainen 2002)
--   mrr         1 / rank of the first positive among the first 100, else 0
--   hit_rate@k  1 where a positive is among the first k
-- Grain: one row a ranker, segment, query and metric. Key: all four.
create or replace temp table per_query as
with measured as (
    select
        asked.ranker,
        queries.segment,
        queries.query_id,
        count(*) filter (where gain > 0 and rank <= 10) / any_value(n_relevant) as "recall@10",
        count(*) filter (where gain > 0 and rank <= 20) / any_value(n_relevant) as "recall@20",
        coalesce(
            sum(gain / log2(rank + 1) order by rank) filter (where gain > 0 and rank <= 10), 0
        )
        / any_value(ideal_dcg_10) as "ndcg@10",
        coalesce(1 / min(rank) filter (where gain > 0), 0) as mrr,
        coalesce(max((gain > 0)::int) filter (where rank <= 10), 0)::double as "hit_rate@10"
    from asked
    join judged_queries as queries using (query_id)
    left join judged_run
        on
            asked.ranker = judged_run.ranker
            and queries.segment = judged_run.segment
            and queries.query_id = judged_run.query_id
    group by asked.ranker, queries.segment, queries.query_id
)
unpivot measured
on "recall@10", "recall@20", "ndcg@10", mrr, "hit_rate@10"
into name metric value value;
