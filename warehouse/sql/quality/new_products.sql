-- Which share of a day's purchases is of products that nobody had bought in the eleven months before the
-- last four weeks, by weight (macros/event_weight); n is what all weigh.
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
        sum(weight) as n,
        coalesce(sum(weight) filter (where product_id not in (select product_id from known)), 0) as n_new
    from day_events
    where event_type = 'purchase'
)
select
    $scenario as scenario,
    $day::date as day,
    'new_product_share' as measure,
    'all' as part,
    n_new::double / n::double as value,
    round(n)::bigint as n
from counted
where n > 0;
