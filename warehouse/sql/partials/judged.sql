-- Adds up what was measured of each query (metrics/per_query): the rankings that something was
-- bought after, in the segments that they can be judged in.
-- Grain: one row a segment, model, variant, bucket and metric. Key: all five.
insert into renewed by name
select
    $scenario as scenario,
    $day::date as served_date,
    measured.segment,
    answers.model_tag,
    answers.variant,
    measured.metric,
    segment_bucket(measured.segment, answers.bucket) as bucket,
    $as_of::date as as_of,
    count(*) as n,
    sum(measured.value::decimal(38, 12))::double as total,
    sum((measured.value ** 2)::decimal(38, 12))::double as squares
from per_query as measured
join day_answers as answers on measured.query_id = answers.request_id
group by all;
