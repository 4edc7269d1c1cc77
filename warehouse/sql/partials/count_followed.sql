-- Adds what followed answers; with a sign of -1 it is taken away.
-- Grain: one row a day, segment, model, variant, bucket and metric.
insert into renewed by name
with of_segments as (
    select
        answers.served_date,
        unnest(answers.segments) as segment,
        answers.model_tag,
        answers.variant,
        answers.bucket as user_bucket,
        answers.sign,
        followed.metric,
        followed.value
    from followed
    join day_answers as answers using (answer)
    union all by name
    select
        answers.served_date,
        unnest(
            answers.segments
            || if(
                catalogue.product is null,
                [],
                catalogue.segments || [coalesce(places.place, 'new')]
            )
        ) as segment,
        answers.model_tag,
        answers.variant,
        answers.bucket as user_bucket,
        answers.sign,
        'ctr@10' as metric,
        1::double as value
    from clicked
    join day_answers as answers using (answer)
    left join catalogue_segments as catalogue using (product_id)
    left join product_places as places using (served_date, product_id)
)
select
    served_date,
    segment,
    model_tag,
    variant,
    metric,
    segment_bucket(segment, user_bucket) as bucket,
    0 as n,
    0 as weight,
    sum(sign * value::decimal(38, 15)) as total,
    -- an abandoned answer counts 1, another 1 - 1
    sum(sign * if(metric = 'abandonment_share', value, value ** 2)::decimal(38, 15)) as squares
from of_segments
group by served_date, segment, model_tag, variant, metric, segment_bucket(segment, user_bucket);
