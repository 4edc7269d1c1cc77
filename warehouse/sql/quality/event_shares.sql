-- Shares of a day's events. What somebody did at one moment counts once, however many lines a basket has:
-- its lines are right or wrong together, and tell of chance as one would.
--   late_share             written more than six hours after they happened
--   ahead_share            said to have happened more than a minute after they were written
--   repeated_share         the same as another one but for its identifier
--   unknown_product_share  of a product that the catalogue does not hold
-- Grain: one row a measure.
insert into data_quality by name
with moments as (
    select
        count_if(logged_at > occurred_at + interval 6 hour) / count(*) as late_share,
        count_if(occurred_at > logged_at + interval 1 minute) / count(*) as ahead_share,
        count_if(product_id not in (select product_id from stg_products))
        / count(*) as unknown_product_share,
        1 - count(distinct (event_type, product_id, quantity, price)) / count(*) as repeated_share
    from stg_events
    where occurred_at >= $day::date and occurred_at < $day::date + 1
    group by coalesce(user_id, session_id), occurred_at
),
counted as (
    select count(*) as n, avg(columns(*)::decimal(18, 15)) from moments
),
measured as (
    unpivot counted
    on late_share, ahead_share, repeated_share, unknown_product_share
    into name measure value "value"
)
select $scenario as scenario, $day::date as day, measure, 'all' as part, "value", n
from measured
where n > 0
order by measure;
