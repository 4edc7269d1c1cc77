-- Adds what was measured of each answer's clicks (metrics/per_click).
insert into crossed_events by name
select
    answers.answer,
    0 as clicked,
    0 as purchased,
    0 as revenue,
    0 as clicks,
    1 as click_judged,
    per_click.value::decimal(38, 15) as click_ndcg,
    0 as judged,
    0 as ndcg
from per_click
join crossed_answers as answers using (request_id)
where per_click.metric = 'click_ndcg@10';
