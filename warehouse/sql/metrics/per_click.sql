-- Ranking metrics of each answer with a click by what was clicked of its first 20 products
-- (click_answers, click_followed), each product once. A mean over answers is
-- sum(weight * value) / sum(weight).
--   click_precision@10           clicked of the first ten / 10; 0 for answers without a click
--   click_mrr                    1 / rank of the first click
--   click_ndcg@10                gain 1 for what was clicked
--   debiased_click_precision@10  each click counts 1 / the examination of its rank, which on average
--                                is what would be clicked if everything were looked at (inverse
--                                propensity: Joachims, Swaminathan and Schnabel 2017); 0 for
--                                answers without a click
--   debiased_click_ndcg@10       the gain of a click is 1 / examination, and an answer weighs as
--                                much as its gains: an answer that was clicked low down stands for
--                                others where nobody looked so far
-- Examination is that of $as_of, and at least 0.01: of ranks that are looked at less a click counts
-- 100, and what is not known counts so, too. Without any examination nothing is corrected.
-- Grain: one row an answer and metric. Key: both.
create or replace temp table per_click as
with learnt as (
    select "rank", probability
    from examination
    where scenario = $scenario and as_of = $as_of::date
),
clicked as (
    select
        request_id,
        list({'rank': "rank", 'gain': 1 / greatest(coalesce(probability, 0), 0.01)} order by "rank") as clicks
    from click_shown
    join click_followed using (request_id, product_id)
    left join learnt using ("rank")
    group by request_id
),
taken as (
    select
        request_id,
        clicks,
        coalesce(list_filter(clicks, lambda click: click.rank <= 10), []) as first_clicks,
        list_reverse_sort(list_transform(clicks, lambda click: click.gain)) as best_gains
    from clicked
),
summed as (
    select
        request_id,
        len(first_clicks) as n,
        1 / clicks[1].rank as reciprocal_rank,
        list_sum(list_transform(first_clicks, lambda click: 1 / log2(click.rank + 1))) as dcg,
        list_sum(list_transform(best_gains[:10], lambda gain, place: 1 / log2(place + 1))) as ideal_dcg,
        list_sum(list_transform(clicks, lambda click: click.gain)) as gains,
        list_sum(list_transform(first_clicks, lambda click: click.gain)) as first_gains,
        list_sum(
            list_transform(first_clicks, lambda click: click.gain / log2(click.rank + 1))
        ) as debiased_dcg,
        list_sum(
            list_transform(best_gains[:10], lambda gain, place: gain / log2(place + 1))
        ) as ideal_debiased_dcg
    from taken
),
measured as (
    select
        request_id,
        unnest([
            {'metric': 'click_precision@10', 'value': n / 10, 'weight': 1, 'counts': true},
            {'metric': 'click_mrr', 'value': reciprocal_rank, 'weight': 1, 'counts': true},
            {
                'metric': 'click_ndcg@10',
                'value': coalesce(dcg, 0) / ideal_dcg,
                'weight': 1,
                'counts': true
            },
            {
                'metric': 'debiased_click_precision@10',
                'value': coalesce(first_gains, 0) / 10,
                'weight': 1,
                'counts': corrects
            },
            {
                'metric': 'debiased_click_ndcg@10',
                'value': coalesce(debiased_dcg, 0) / ideal_debiased_dcg,
                'weight': gains,
                'counts': corrects
            }
        ]) as found
    from summed
    cross join (select count(*) > 0 as corrects from learnt)
)
select request_id, found.metric, found.value::double as value, found.weight::double as weight
from measured
where found.counts;
