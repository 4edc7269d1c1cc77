-- Counts what a day's answers promised, and what their rankings came to: hit_rate@10 and ndcg@10 as
-- metrics/per_query has them, of purchases (gain 1).
insert into answer_partials by name
with promised as (
    select
        request_id,
        (
            sum((score / log2("rank" + 1))::decimal(38, 12))
            / sum((1 / log2("rank" + 1))::decimal(38, 12))
        )::double as promise
    from served_candidates
    semi join click_answers using (request_id)
    where served_date = $day::date and shown and "rank" <= 10
    group by request_id
),
followed as (
    select
        request_id,
        count(*) as n_bought,
        coalesce(sum(1 / log2("rank" + 1) order by "rank") filter (where "rank" <= 10), 0) as discounted
    from click_followed
    semi join (from stg_products where recommendable) as products using (product_id)
    left join (
        from served_candidates where served_date = $day::date
    ) as candidates using (request_id, product_id)
    group by request_id
),
measured as (
    select
        model_tag,
        variant,
        if(degraded or interleaved_with is not null, '', model_tag) as scored_by,
        promise_bin(promise) as promise_bin,
        n_bought is not null as is_followed,
        (coalesce(discounted, 0) > 0)::integer as hit_rate,
        least(
            coalesce(
                discounted
                / list_sum(list_transform(range(1, least(n_bought, 10) + 1), lambda rank: 1 / log2(rank + 1))),
                0
            ),
            1
        )::decimal(38, 15) as ndcg
    from click_answers
    join promised using (request_id)
    left join followed using (request_id)
)
select
    $scenario as scenario,
    $day::date as served_date,
    model_tag,
    variant,
    scored_by,
    promise_bin,
    count(*) as n,
    count(*) filter (where is_followed) as n_followed,
    sum(hit_rate)::double as hit_rate,
    sum(ndcg)::double as ndcg,
    sum((ndcg::double ** 2)::decimal(38, 15))::double as ndcg_squares,
    $as_of::date as as_of
from measured
group by all
order by all;
