-- Learns a scenario's delay curves as of a day: Kaplan and Meier 1958, with Greenwood's variance
-- (1926). A request leaves with its first event, or at its age at the end of $as_of, or at the end
-- of the window; most leave without an event, which the curve never assumes will come. Reads the sums
-- of days, and first_of_type of the day itself.
insert into delay_curves by name
with ages as (
    select step_later(age, $as_of::date - served_date) as age, sum(n) as n
    from request_ages
    where
        scenario = $scenario
        and served_date
        > $as_of::date - 2 * (select max(named_days)::integer from attribution_windows())
        and served_date <= $as_of::date
    group by all
),
firsts as (
    select event_type, step_later(age, $as_of::date - served_date) as age, delay, n
    from first_events
    where
        scenario = $scenario
        and served_date
        > $as_of::date - 2 * (select max(named_days)::integer from attribution_windows())
        and served_date < $as_of::date
        and occurred_date <= $as_of::date
    union all
    -- Of the day itself, whose ages count in minutes.
    select event_type, age, delay, n
    from first_of_type
    where served_date = $as_of::date
),
windows as (
    select event_type, named_days * 86_400 as seconds
    from attribution_windows()
    where event_type in (select event_type from firsts)
),
observed as (
    select event_type, delay, least(age, seconds) as age, sum(n) as n
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
order by event_type, delay;
