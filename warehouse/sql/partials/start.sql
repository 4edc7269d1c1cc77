-- Begins to count what follows a day's answers: the answers and products that are counted over, of
-- which nothing has followed any yet.
-- Grain: one row a segment, model, variant, bucket and metric. Key: all five.
create or replace temp table renewed as
with answered as (
    select * exclude (metric, total, squares, as_of)
    from metric_partials
    where
        scenario = $scenario
        and served_date = $day::date
        and metric = 'zero_results_share'
),
whole as (
    select
        *,
        unnest(
            [
                'click_share', 'add_to_cart_share', 'purchase_share', 'redemption_share',
                'return_share', 'abandonment_share', 'revenue_per_answer'
            ]
        ) as metric
    from answered
    union all by name
    select * exclude (n, total, squares, as_of) replace ('ctr@10' as metric), total::bigint as n
    from metric_partials
    where
        scenario = $scenario
        and served_date = $day::date
        and metric in ('shown@10', 'exposure_share@10')
        and total > 0
)
select
    * exclude (scenario, served_date),
    if(metric = 'abandonment_share', n, 0)::decimal(38, 15) as total,
    if(metric = 'abandonment_share', n, 0)::decimal(38, 15) as squares
from whole;
