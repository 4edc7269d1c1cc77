-- Shares of a day's events; n is their effective number (quality/day_events).
--   late_share             written more than six hours after they happened
--   ahead_share            said to have happened more than a minute after they were written
--   repeated_share         the same as another one but for its identifier
--   unknown_product_share  of a product that the catalogue does not hold
-- Grain: one row a measure.
insert into data_quality by name
with counted as (
    select
        count(*) as n,
        round(count(*) ** 2 / sum(together))::bigint as n_effective,
        count_if(logged_at > occurred_at + interval 6 hour) as late_share,
        count_if(occurred_at > logged_at + interval 1 minute) as ahead_share,
        count_if(product_id not in (select product_id from stg_products)) as unknown_product_share,
        count(*) - count(
            distinct (event_type, occurred_at, user_id, session_id, product_id, quantity, price)
        ) as repeated_share
    from day_events
),
measured as (
    unpivot counted
    on late_share, ahead_share, repeated_share, unknown_product_share
    into name measure value n_of_them
)
select
    $scenario as scenario,
    $day::date as day,
    measure,
    'all' as part,
    n_of_them / n as value,
    n_effective as n
from measured
where n > 0
order by measure;
