-- The partials of a day that events change, with what had followed by the end of $as_of. The answers
-- and products that they are means over were counted when the day was over.
-- Grain: one row a segment, model, variant, bucket and metric. Key: all five.
create or replace temp table renewed as
with followed_of_segments as (
    select
        unnest(answers.segments) as segment,
        answers.model_tag,
        answers.variant,
        segment_bucket(segment, answers.bucket) as bucket,
        followed.metric,
        followed.value
    from followed
    join day_answers as answers using (answer)
),
clicked_of_segments as (
    select
        unnest(answers.segments || coalesce(facts.segments, [])) as segment,
        answers.model_tag,
        answers.variant,
        segment_bucket(segment, answers.bucket) as bucket,
        'ctr@10' as metric,
        1::double as value
    from clicked
    join day_answers as answers using (answer)
    left join product_facts as facts using (product_id)
),
counted as (
    select
        segment,
        model_tag,
        variant,
        bucket,
        metric,
        sum(value::decimal(38, 15))::double as total,
        -- an abandoned answer counts 1, another 1 - 1
        sum(if(metric = 'abandonment_share', value, value ** 2)::decimal(38, 15))::double as squares
    from (from followed_of_segments union all by name from clicked_of_segments)
    group by all
),
answered as (
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
    whole.*,
    $as_of::date as as_of,
    if(metric = 'abandonment_share', n, 0) + coalesce(counted.total, 0) as total,
    if(metric = 'abandonment_share', n, 0) + coalesce(counted.squares, 0) as squares
from whole
left join counted using (segment, model_tag, variant, bucket, metric);
