-- Adds up what was measured of each query (metrics/per_query): the rankings that something was bought
-- after, as a whole by the segments of the answer, and in those segments that rank anew.
-- Grain: one row a segment, model, variant, bucket and metric. Key: all five.
insert into renewed by name
with measured as (
    select
        unnest(if(segment = 'all', answers.segments, [segment])) as segment,
        answers.model_tag,
        answers.variant,
        answers.bucket as user_bucket,
        metric,
        value
    from per_query
    join day_answers as answers on per_query.query_id = answers.request_id
)
select
    $scenario as scenario,
    $day::date as served_date,
    segment,
    model_tag,
    variant,
    metric,
    segment_bucket(segment, user_bucket) as bucket,
    $as_of::date as as_of,
    count(*) as n,
    sum(value::decimal(38, 15))::double as total,
    sum((value ** 2)::decimal(38, 15))::double as squares
from measured
group by all;
