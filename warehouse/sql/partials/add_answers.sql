-- Adds up what is known of each answer, by the segments that the answer is of. Summed as decimals: in
-- whatever order, a second run comes to the same last digit.
-- Grain: one row a segment, model, variant, bucket and metric. Key: all five.
insert into metric_partials by name
with members as (
    select
        unnest(answers.segments) as segment,
        answers.model_tag,
        answers.variant,
        segment_bucket(segment, answers.bucket) as bucket,
        per_answer.* exclude (answer)
    from per_answer
    join day_answers as answers using (answer)
),
summed as (
    select
        segment,
        model_tag,
        variant,
        bucket,
        {
            'n': count(columns(* exclude (segment, model_tag, variant, bucket))),
            'total': sum(columns(* exclude (segment, model_tag, variant, bucket))::decimal(38, 15)),
            'squares': sum(
                (columns(* exclude (segment, model_tag, variant, bucket)) ** 2)::decimal(38, 15)
            )
        }
    from members
    group by segment, model_tag, variant, bucket
)
select
    $scenario as scenario,
    $day::date as served_date,
    segment,
    model_tag,
    variant,
    metric,
    bucket,
    sums.n,
    sums.n as weight,
    sums.total,
    sums.squares
from (
    unpivot summed
    on columns(* exclude (segment, model_tag, variant, bucket))
    into name metric value sums
)
where sums.n > 0;
