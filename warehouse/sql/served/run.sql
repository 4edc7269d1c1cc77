-- The served rankings of $days that there are judgments for, as a run: a ranker is a model in a variant.
-- Tests (pinned), and what nobody was shown because it failed or its client had gone, are left out.
-- Grain: one row an answer and candidate. Key: (query_id, product_id).
create or replace temp table run as
select
    answers.model_tag || ' ' || answers.variant as ranker,
    answers.query_id,
    candidates.product_id,
    -candidates.rank::double as score,
    candidates.rank as known_rank
from served_candidates as candidates
join day_answers as answers using (request_id)
where
    candidates.served_date = any($days::date[])
    and answers.query_id in (select query_id from judgments);
