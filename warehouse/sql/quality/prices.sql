-- What was paid on a day for products that were bought at least three times in the four weeks before.
--   price_jump_share  purchases at more than three times their product's usual price, or less than a
--                     third: what is usual is the geometric mean of the four weeks
--   price_jump        by what factor, in the median of these; no row where there are none
--   discounted_share  purchases with a discount, of those that say
-- Shares are by weight (macros/event_weight); n is what all weigh.
-- Grain: one row a measure.
insert into data_quality by name
with usual as (
    select product_id, avg(ln(price)::decimal(18, 9)) as log_price
    from stg_events
    where
        event_type = 'purchase'
        and price > 0
        and occurred_at >= $day::date - 28
        and occurred_at < $day::date
    group by product_id
    having count(*) >= 3
),
bought as (
    from day_events
    where event_type = 'purchase'
),
jumps as (
    select ln(price) - log_price as jump, weight
    from bought
    join usual using (product_id)
    where price > 0
),
measured as (
    select
        'price_jump_share' as measure,
        coalesce(sum(weight) filter (where abs(jump) > ln(3)), 0)::double / sum(weight)::double as value,
        sum(weight) as n
    from jumps
    union all
    select 'price_jump', exp(median(jump)), count(*)
    from jumps
    where abs(jump) > ln(3)
    union all
    select
        'discounted_share',
        coalesce(sum(weight) filter (where discount > 0), 0)::double / sum(weight)::double,
        sum(weight)
    from bought
    where discount is not null
)
select
    $scenario as scenario,
    $day::date as day,
    measure,
    'all' as part,
    value,
    round(n)::bigint as n
from measured
where n > 0
order by measure;
