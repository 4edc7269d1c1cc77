-- Adds up which share of the first ten products the segments of products have.
-- Grain: one row a segment, model, variant and bucket. Key: all four.
insert into metric_partials by name
with shown as (
    select
        unnest(facts.segments) as segment,
        answers.model_tag,
        answers.variant,
        segment_bucket(segment, answers.bucket) as bucket
    from first_ten
    join day_answers as answers using (answer)
    join product_facts as facts using (product)
    where first_ten.shown
),
counted as (
    select segment, model_tag, variant, bucket, count(*) as n
    from shown
    group by all
),
segments as (
    select distinct segment, model_tag, variant from counted
),
everything as (
    select model_tag, variant, segment_bucket('shown', bucket) as bucket, sum(total)::bigint as n
    from metric_partials
    where
        scenario = $scenario
        and served_date = $day::date
        and metric = 'shown@10'
        and segment = 'all'
    group by all
    having n > 0
)
select
    $scenario as scenario,
    $day::date as served_date,
    segments.segment,
    everything.model_tag,
    everything.variant,
    'exposure_share@10' as metric,
    everything.bucket,
    everything.n,
    everything.n as weight,
    coalesce(counted.n, 0) as total,
    coalesce(counted.n, 0) as squares
from segments
join everything using (model_tag, variant)
left join counted
    on
        segments.segment = counted.segment
        and everything.model_tag = counted.model_tag
        and everything.variant = counted.variant
        and everything.bucket = counted.bucket;
