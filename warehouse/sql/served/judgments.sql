-- What was bought after `day_answers`, each by the end of its day (`until`, up to $as_of): the truth of
-- the served rankings. A shadow's are held against what followed the answer that was shown in its place.
-- Grain: one row an answer and product. Key: (query_id, product_id).
create or replace temp table judgments as
select distinct answers.query_id, outcomes.product_id, 1.0::double as gain
from day_answers as answers
join outcomes on outcomes.request_id = coalesce(answers.shadow_of, answers.request_id)
semi join stg_products as products
    on outcomes.product_id = products.product_id and products.recommendable
where
    outcomes.event_type = 'purchase'
    and outcomes.occurred_at >= list_min($days::date[])
    and outcomes.occurred_at < $as_of::date + 1
    and outcomes.occurred_at < answers.until + 1;
