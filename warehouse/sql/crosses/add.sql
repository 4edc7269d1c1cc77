-- Adds what is counted of answers (of_answers) to what is renewed, by each two of their segments.
-- Grain: one row a day, pair of segments, model, variant and bucket.
insert into renewed_crosses by name
with combined as (
    select
        answers.served_date,
        answers.model_tag,
        answers.variant,
        answers.bucket,
        answers.segments,
        sum(columns(of_answers.* exclude (answer)))
    from of_answers
    join crossed_answers as answers using (answer)
    group by answers.served_date, answers.model_tag, answers.variant, answers.bucket, answers.segments
),
pairs as (
    select unnest(crossed(segments), max_depth := 2), * exclude (segments)
    from combined
)
select
    served_date,
    segment,
    other_segment,
    model_tag,
    variant,
    bucket,
    0 as answers,
    0 as shown,
    0 as zero_results,
    0 as typed,
    0 as reformulated,
    sum(columns([
        'clicked', 'purchased', 'revenue', 'clicks', 'click_judged', 'click_ndcg', 'judged', 'ndcg'
    ]))
from pairs
group by served_date, segment, other_segment, model_tag, variant, bucket;
