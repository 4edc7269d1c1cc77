-- A day's answers whose clicks tell what people look at and like: first pages that somebody was
-- shown. Left out are tests (pinned), what nobody saw, and the answers to whoever clicked on the same
-- day nine in ten of at least 50 products: no person does.
-- Grain: one row an answer. Key: request_id.
create or replace temp table click_answers as
with answers as (
    select
        request_id,
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
),
eager as (
    select user_id, count(distinct (outcomes.request_id, product_id)) as n_clicked
    from outcomes
    join answers using (request_id)
    where
        event_type = 'click'
        and occurred_at >= $day::date
        and occurred_at < $day::date + 1
    group by user_id
    having n_clicked >= 45
),
robots as (
    select user_id
    from served_candidates
    join answers using (request_id)
    join eager using (user_id)
    where shown
    group by user_id, n_clicked
    having count(*) >= 50 and n_clicked >= 0.9 * count(*)
)
select answers.*
from answers
anti join robots using (user_id)
semi join (select request_id from served_candidates where "rank" = 1 and shown) as first_pages
    using (request_id);
