-- What was ranked among the first ten of a day's answers that shoppers saw, shown or not.
-- Grain: one row an answer and product. Key: both.
create or replace temp table first_ten as
select
    answers.answer,
    facts.product,
    candidates.shown,
    candidates.stage,
    value_bin(candidates.score) as score_bin
from served_candidates as candidates
join day_answers as answers using (request_id)
join product_facts as facts using (product_id)
where candidates.served_date = $day::date and candidates.rank <= 10 and answers.seen;
