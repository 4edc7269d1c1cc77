-- Of a day's answers the share that an event followed by the end of $as_of, for each type of event
-- that answers were followed by of late and whose window was open yet on that day. Nothing follows a
-- shadow's answers, and tests (pinned) are left out.
-- Grain: one row a model, variant and event type. Key: all three.
with answers as (
    select request_id, model_tag, variant
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
types as (
    select event_type
    from attribution_windows()
    where
        named_days >= $as_of::date - $day::date
        and event_type in (
            select event_type
            from delay_curves
            where scenario = $scenario and as_of = $as_of::date
        )
),
followed as (
    select distinct request_id, event_type
    from outcomes
    where occurred_at >= $day::date and occurred_at < $as_of::date + 1
),
counted as (
    select
        answers.model_tag,
        answers.variant,
        types.event_type,
        count(*) as n,
        count(followed.request_id) / count(*) as value
    from answers
    cross join types
    left join followed using (request_id, event_type)
    group by all
)
select
    model_tag,
    variant,
    event_type,
    value,
    sqrt(value * (1 - value) / nullif(n - 1, 0)) as standard_error,
    n
from counted
order by model_tag, variant, event_type;
