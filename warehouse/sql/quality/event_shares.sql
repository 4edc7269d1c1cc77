-- Shares of a day's events by their weight (macros/event_weight); n is what all weigh.
--   late_share             written more than six hours after they happened
--   ahead_share            said to have happened more than a minute after they were written
--   repeated_share         the same as another one but for its identifier
--   unknown_product_share  of a product that the catalogue does not hold
-- Grain: one row a measure.
insert into data_quality by name
with events as (
    select
        *,
        count(*) over (
            partition by event_type, occurred_at, user_id, session_id, product_id, quantity, price
        ) as copies
    from day_events
),
counted as (
    select
        sum(weight) as n,
        sum(weight) filter (where logged_at > occurred_at + interval 6 hour) as late_share,
        sum(weight) filter (where occurred_at > logged_at + interval 1 minute) as ahead_share,
        sum(weight) filter (where product_id not in (select product_id from stg_products))
            as unknown_product_share,
        sum(weight) filter (where copies > 1) as repeated_share
    from events
),
measured as (
    select n, coalesce(columns(* exclude (n)), 0) from counted
),
told as (
    unpivot measured
    on late_share, ahead_share, repeated_share, unknown_product_share
    into name measure value n_of_them
)
select
    $scenario as scenario,
    $day::date as day,
    measure,
    'all' as part,
    n_of_them::double / n::double as value,
    round(n)::bigint as n
from told
where n > 0
order by measure;
