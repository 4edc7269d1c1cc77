-- A day's answers whose clicks tell what people look at and like: first pages that somebody was
-- shown. Left out are tests (pinned), what nobody saw, and the answers to robots (partials/robots).
-- Grain: one row an answer. Key: request_id.
create or replace temp table click_answers as
with answers as (
    select
        request_id,
        occurred_at::date as served_date,
        user_id,
        coalesce(query, user_id) as asker,
        model_tag,
        variant,
        degraded,
        interleaved_with
    from served_requests
    where
        scenario = $scenario
        and occurred_at >= $day::date
        and occurred_at < $day::date + 1
        and shadow_of is null
        and not pinned
        and error is null
        and not client_gone
)
select answers.*
from answers
anti join robots using (user_id)
semi join (
    select request_id
    from served_candidates
    where served_date = $day::date and "rank" = 1 and shown
) as first_pages using (request_id);
