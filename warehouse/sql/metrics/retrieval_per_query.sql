-- What rankings of the whole catalogue find for each query. Relevant is what is worth at least three
-- sevenths of the greatest gain that anybody gave: of grades 0 to 3 (gains 0, 1, 3, 7) those from 2,
-- of 0 to 4 those from 3, of exact, substitute and complement (1, 0.1, 0.01) the exact ones, of exact
-- and partial (1, 0.5) both, of derived judgments (1, 0.1) those that are all that the query says. A
-- query without a relevant product is left out; one for which the ranker found nothing counts 0.
--   recall@k   share of the relevant products among the first k; what nobody judged is not relevant,
--              so that it is a floor where pools were shallow
--   judged@10  share of the first 10 products that somebody judged, whatever they are worth
-- Ties in score go to the smaller product_id.
-- Grain: one row a ranker, segment (always the whole) and query. Key: all three. One column a metric.
create or replace temp table per_query as
with relevant as (
    select query_id, product_id
    from judgments
    where gain > 0 and 7 * gain >= 3 * (select max(gain) from judgments)
),
wanted as (
    select query_id, count(*) as n_relevant
    from relevant
    group by query_id
),
ranked as (
    select
        ranker,
        query_id,
        product_id,
        row_number() over (
            partition by ranker, query_id order by score desc, product_id
        ) as rank
    from run
    qualify rank <= 100
),
found as (
    select
        ranked.*,
        relevant.product_id is not null as is_relevant,
        judgments.product_id is not null as is_judged
    from ranked
    left join relevant using (query_id, product_id)
    left join judgments using (query_id, product_id)
)
select
    asked.ranker,
    'all' as segment,
    wanted.query_id,
    count(*) filter (where is_relevant and rank <= 50) / any_value(n_relevant) as "recall@50",
    count(*) filter (where is_relevant) / any_value(n_relevant) as "recall@100",
    coalesce(avg(is_judged::int) filter (where rank <= 10), 0) as "judged@10"
from asked
join wanted using (query_id)
left join found on asked.ranker = found.ranker and wanted.query_id = found.query_id
group by asked.ranker, wanted.query_id;
