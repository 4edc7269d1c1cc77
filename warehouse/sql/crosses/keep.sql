-- Keeps what was counted of days up to the end of $as_of: what was known of them before, and what was
-- counted since (crossed_events) by each two segments of its answers. Of pairs that were not kept when
-- the day was over nothing is.
insert into cross_partials by name
with combined as (
    select
        answers.served_date,
        answers.model_tag,
        answers.variant,
        answers.bucket,
        answers.segments,
        sum(columns(crossed_events.* exclude (answer)))
    from crossed_events
    join crossed_answers as answers using (answer)
    group by answers.served_date, answers.model_tag, answers.variant, answers.bucket, answers.segments
),
counted as (
    select unnest(crossed(segments), max_depth := 2), * exclude (segments)
    from combined
),
of_pairs as (
    from renewed_crosses
    union all by name
    from counted
)
select
    $scenario as scenario,
    served_date,
    segment,
    other_segment,
    model_tag,
    variant,
    bucket,
    $as_of::date as as_of,
    sum(columns([
        'answers', 'shown', 'zero_results', 'typed', 'reformulated', 'clicked', 'purchased',
        'revenue', 'clicks', 'click_judged', 'click_ndcg', 'judged', 'ndcg'
    ]))
from of_pairs
group by served_date, segment, other_segment, model_tag, variant, bucket
having sum(answers) > 0;
