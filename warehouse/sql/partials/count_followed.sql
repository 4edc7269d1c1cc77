-- Adds what followed answers by the end of $as_of; with a $sign of -1 it is taken away.
-- Grain: one row a segment, model, variant, bucket and metric.
insert into renewed by name
with of_segments as (
    select
        unnest(answers.segments) as segment,
        answers.model_tag,
        answers.variant,
        answers.bucket as user_bucket,
        followed.metric,
        followed.value
    from followed
    join day_answers as answers using (answer)
    union all by name
    select
        unnest(answers.segments || coalesce(facts.segments, [])) as segment,
        answers.model_tag,
        answers.variant,
        answers.bucket as user_bucket,
        'ctr@10' as metric,
        1::double as value
    from clicked
    join day_answers as answers using (answer)
    left join product_facts as facts using (product_id)
)
select
    segment,
    model_tag,
    variant,
    metric,
    segment_bucket(segment, user_bucket) as bucket,
    0 as n,
    0 as weight,
    $sign * sum(value::decimal(38, 15)) as total,
    -- an abandoned answer counts 1, another 1 - 1
    $sign * sum(if(metric = 'abandonment_share', value, value ** 2)::decimal(38, 15)) as squares
from of_segments
group by all;
