-- Adds what was measured of each answer's clicks (metrics/per_click), by the segments of the answer.
-- Precision is over all answers, with a click or not, which partials/start has counted.
-- Grain: one row a day, segment, model, variant, bucket and metric.
insert into renewed by name
with measured as (
    select
        answers.served_date,
        unnest(answers.segments) as segment,
        answers.model_tag,
        answers.variant,
        answers.bucket as user_bucket,
        per_click.metric,
        per_click.weight,
        per_click.value
    from per_click
    join day_answers as answers using (request_id)
)
select
    served_date,
    segment,
    model_tag,
    variant,
    metric,
    segment_bucket(segment, user_bucket) as bucket,
    if(metric like '%precision@10', 0, count(*)) as n,
    if(metric like '%precision@10', 0, sum(weight::decimal(38, 15))) as weight,
    sum((weight * value)::decimal(38, 15)) as total,
    sum((weight * value ** 2)::decimal(38, 15)) as squares
from measured
group by served_date, segment, model_tag, variant, metric, segment_bucket(segment, user_bucket);
