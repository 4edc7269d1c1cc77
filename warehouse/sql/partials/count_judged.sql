-- Adds what was measured of each query (metrics/per_query), or with a sign of -1 takes it away: the
-- rankings that something was bought after, as a whole by the segments of the answer, and in those
-- segments that rank anew.
-- Grain: one row a day, segment, model, variant, bucket and metric.
insert into renewed by name
with queries as (
    unpivot per_query
    on columns(* exclude (ranker, segment, query_id))
    into name metric value value
),
measured as (
    select
        answers.served_date,
        unnest(if(segment = 'all', answers.segments, [segment])) as segment,
        answers.model_tag,
        answers.variant,
        answers.bucket as user_bucket,
        answers.sign,
        metric,
        value
    from queries
    join day_answers as answers using (query_id)
)
select
    served_date,
    segment,
    model_tag,
    variant,
    metric,
    segment_bucket(segment, user_bucket) as bucket,
    sum(sign) as n,
    sum(sign) as weight,
    sum(sign * value::decimal(38, 15)) as total,
    sum(sign * (value ** 2)::decimal(38, 15)) as squares
from measured
group by served_date, segment, model_tag, variant, metric, segment_bucket(segment, user_bucket);
