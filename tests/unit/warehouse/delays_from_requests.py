"""Delay curves read from requests and outcomes, to hold sums of their days against.

The statement that nights ran before there were such sums.
"""

from __future__ import annotations

CURVES = """
with requests as (
    select
        request_id,
        occurred_at,
        step_before(epoch_us(($as_of::date + 1)::timestamp) - epoch_us(occurred_at)) as age
    from served_requests
    where
        scenario = $scenario
        and occurred_at
        >= $as_of::date + 1 - 2 * (select max(named_days)::integer from attribution_windows())
        and occurred_at < $as_of::date + 1
        and shadow_of is null
        and not pinned
        and error is null
        and not client_gone
),
ages as (
    select age, count(*) as n
    from requests
    group by age
),
firsts as (
    select
        outcomes.event_type,
        requests.age,
        step_after(
            epoch_us(min(outcomes.occurred_at)) - epoch_us(any_value(requests.occurred_at))
        ) as delay
    from outcomes
    join requests using (request_id)
    where outcomes.occurred_at < $as_of::date + 1
    group by outcomes.event_type, requests.request_id, requests.age
),
windows as (
    select event_type, named_days * 86_400 as seconds
    from attribution_windows()
    where event_type in (select event_type from firsts)
),
observed as (
    select event_type, delay, least(age, seconds) as age, count(*) as n
    from firsts
    join windows using (event_type)
    where delay <= least(age, seconds)
    group by all
),
leaving as (
    select event_type, least(age, seconds) as delay, n, 0 as n_events
    from windows
    cross join ages
    union all
    -- Whom it followed had left by then,
    select event_type, age, -n, 0
    from observed
    union all
    -- namely with the event.
    select event_type, delay, n, n
    from observed
),
steps as (
    select event_type, delay, sum(n) as n_leaving, sum(n_events) as n_events
    from leaving
    group by event_type, delay
),
at_risk as (
    select *, sum(n_leaving) over (partition by event_type order by delay desc) as n_at_risk
    from steps
)
select
    $scenario as scenario,
    event_type,
    $as_of::date as as_of,
    delay,
    n_at_risk,
    n_events,
    product(1 - n_events / n_at_risk) over up_to_here as survival,
    sum(n_events / (n_at_risk * nullif(n_at_risk - n_events, 0))) over up_to_here as variance
from at_risk
where n_at_risk > 0
window up_to_here as (partition by event_type order by delay)
qualify n_events > 0 or delay = max(delay) over (partition by event_type)
order by event_type, delay
"""
