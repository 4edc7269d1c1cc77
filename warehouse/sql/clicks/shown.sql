-- What click_answers showed at their first 20 ranks.
-- Grain: one row an answer and product. Key: both.
create or replace temp view click_shown as
select
    request_id,
    product_id,
    answers.asker,
    answers.model_tag,
    answers.variant,
    case
        when answers.degraded then ''
        when candidates.variant = 'champion' then coalesce(answers.interleaved_with, answers.model_tag)
        else answers.model_tag
    end as scored_by,
    candidates."rank",
    score_bin(candidates.score) as score_bin
from served_candidates as candidates
join click_answers as answers using (request_id, served_date)
where candidates.shown and candidates."rank" <= 20;
