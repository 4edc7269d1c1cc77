-- Adds what followed answers, with a sign of -1 to be taken away: of `followed`,
-- `clicked` and, of what was bought, `per_query`.
insert into crossed_events by name
with events as (
    select
        answer,
        sum(value) filter (where metric = 'click_share') as clicked,
        sum(value) filter (where metric = 'purchase_share') as purchased,
        sum(value::decimal(38, 15)) filter (where metric = 'revenue_per_answer') as revenue
    from followed
    group by answer
),
products as (
    select answer, count(*) as clicks
    from clicked
    group by answer
),
rankings as (
    select query_id, "ndcg@10"::decimal(38, 15) as ndcg
    from per_query
    where segment = 'all'
)
select
    answers.answer,
    answers.sign * coalesce(events.clicked, 0) as clicked,
    answers.sign * coalesce(events.purchased, 0) as purchased,
    answers.sign * coalesce(events.revenue, 0) as revenue,
    answers.sign * coalesce(products.clicks, 0) as clicks,
    0 as click_judged,
    0 as click_ndcg,
    answers.sign * (rankings.ndcg is not null)::int as judged,
    answers.sign * coalesce(rankings.ndcg, 0) as ndcg
from crossed_answers as answers
left join events using (answer)
left join products using (answer)
left join rankings using (query_id)
where
    events.answer is not null
    or products.answer is not null
    or rankings.query_id is not null;
