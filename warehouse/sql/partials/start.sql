-- Begins to count what follows the answers of $fresh days: the answers and products that are counted
-- over, of which nothing has followed any yet. Clicks are corrected where it is known, when all have
-- come or else as of $as_of, how likely ranks are looked at.
-- Grain: one row a day, segment, model, variant, bucket and metric. Key: all six.
create or replace temp table renewed as
with corrected as (
    select fresh.served_date
    from (select unnest($fresh::date[]) as served_date) as fresh
    where exists (
        from examination
        where
            scenario = $scenario
            and as_of = least(fresh.served_date + $click_days, $as_of::date)
    )
),
counted as (
    select served_date, segment, model_tag, variant, bucket, metric as of_metric, n, total
    from metric_partials
    where
        scenario = $scenario
        and served_date = any($fresh::date[])
        and metric in ('zero_results_share', 'shown@10', 'exposure_share@10')
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
    from counted
    where of_metric = 'zero_results_share'
    union all by name
    select
        *,
        unnest(
            ['click_precision@10']
            || if(
                served_date in (select served_date from corrected),
                ['debiased_click_precision@10'],
                []
            )
        ) as metric
    from counted
    where of_metric = 'shown@10'
    union all by name
    select * replace (total::bigint as n), 'ctr@10' as metric
    from counted
    where of_metric in ('shown@10', 'exposure_share@10') and total > 0
)
select
    served_date,
    segment,
    model_tag,
    variant,
    bucket,
    metric,
    n,
    n::decimal(38, 15) as weight,
    if(metric = 'abandonment_share', n, 0)::decimal(38, 15) as total,
    if(metric = 'abandonment_share', n, 0)::decimal(38, 15) as squares
from whole;
