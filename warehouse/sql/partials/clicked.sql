-- Which products of the first ten of $days had been clicked, after each answer by the end of its day
-- (`until`, up to $as_of), and what that is worth: the lower the rank, the less (the discount of ndcg).
-- Grain: one row an answer and product. Key: both.
create or replace temp table clicked as
select distinct
    answers.answer,
    candidates.product_id,
    candidates.stage,
    value_bin(candidates.score) as score_bin,
    (1 / log2(candidates.rank + 1))::decimal(18, 15) as gain
from outcomes
join day_answers as answers using (request_id)
join served_candidates as candidates
    on
        outcomes.request_id = candidates.request_id
        and outcomes.product_id = candidates.product_id
where
    candidates.served_date = any($days::date[])
    and candidates.shown
    and candidates.rank <= 10
    and outcomes.event_type = 'click'
    and outcomes.occurred_at >= list_min($days::date[])
    and outcomes.occurred_at < $as_of::date + 1
    and outcomes.occurred_at < answers.until + 1;
