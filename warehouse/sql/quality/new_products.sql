-- Which share of a day's purchases is of products that nobody had bought in the eleven months before the
-- last four weeks; n is their effective number (quality/day_events).
-- Grain: one row.
insert into data_quality by name
with known as (
    select distinct product_id
    from stg_events
    where
        event_type = 'purchase'
        and occurred_at >= $day::date - 364
        and occurred_at < $day::date - 28
),
counted as (
    select
        count_if(product_id not in (select product_id from known)) / count(*) as value,
        round(count(*) ** 2 / sum(together))::bigint as n
    from day_events
    where event_type = 'purchase'
)
select
    $scenario as scenario,
    $day::date as day,
    'new_product_share' as measure,
    'all' as part,
    value,
    n
from counted
where n > 0;
