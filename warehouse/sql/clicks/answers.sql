-- Those of a day's answers whose clicks tell what people look at and like: first pages that somebody
-- was shown.
-- Grain: one row an answer. Key: request_id.
create or replace temp table click_answers as
select
    request_id,
    $day::date as served_date,
    coalesce(query, user_id) as asker,
    model_tag,
    variant,
    degraded,
    interleaved_with
from counted_answers
semi join (
    select request_id
    from served_candidates
    where served_date = $day::date and "rank" = 1 and shown
) as first_pages using (request_id)
where seen;
