-- What had followed `day_answers`, each by the end of its day (`until`, up to $as_of), as numbers that
-- add up; of an answer that nothing followed there is none.
--   <event type>_share  1 where the event followed
--   abandonment_share   -1 where anything followed: it is 1 for an answer that nothing did
--   revenue_per_answer  what was bought less what was returned, in the shop's currency
-- Grain: one row an answer and metric. Key: both.
create or replace temp table followed as
with events as (
    select
        answers.answer,
        outcomes.event_type,
        outcomes.price * coalesce(outcomes.quantity, 1) as paid
    from outcomes
    join day_answers as answers using (request_id)
    where
        answers.seen
        and outcomes.event_type <> 'impression'
        and outcomes.occurred_at >= list_min($days::date[])
        and outcomes.occurred_at < $as_of::date + 1
        and outcomes.occurred_at < answers.until + 1
),
per_answer as (
    select
        answer,
        bool_or(event_type = 'click')::int::double as click_share,
        bool_or(event_type = 'add_to_cart')::int::double as add_to_cart_share,
        bool_or(event_type = 'purchase')::int::double as purchase_share,
        bool_or(event_type = 'redemption')::int::double as redemption_share,
        bool_or(event_type = 'return')::int::double as return_share,
        -1::double as abandonment_share,
        (
            coalesce(sum(paid::decimal(18, 6)) filter (where event_type = 'purchase'), 0)
            - coalesce(sum(paid::decimal(18, 6)) filter (where event_type = 'return'), 0)
        )::double as revenue_per_answer
    from events
    group by answer
)
unpivot per_answer on columns(* exclude (answer)) into name metric value value;
