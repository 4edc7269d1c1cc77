-- Adds up what is known of a day's answers (per_answer) as soon as it is over, by each two of their
-- segments that at least half a percent of the day's answers have.
-- Grain: one row a pair of segments, model, variant and bucket. Key: all five.
insert into cross_partials by name
with combined as (
    select
        answers.model_tag,
        answers.variant,
        answers.bucket,
        answers.segments,
        count(*) as answers,
        sum(per_answer."shown@10") as shown,
        sum(per_answer.zero_results_share) as zero_results,
        count(per_answer.reformulation_share) as typed,
        sum(per_answer.reformulation_share) as reformulated
    from crossed_answers as answers
    join per_answer using (answer)
    group by all
),
pairs as (
    select unnest(crossed(segments)) as pair, * exclude (segments)
    from combined
),
summed as (
    select
        pair.segment,
        pair.other_segment,
        model_tag,
        variant,
        bucket,
        sum(answers) as answers,
        coalesce(sum(shown), 0) as shown,
        sum(zero_results) as zero_results,
        sum(typed) as typed,
        coalesce(sum(reformulated), 0) as reformulated
    from pairs
    group by pair.segment, pair.other_segment, model_tag, variant, bucket
)
select
    $scenario as scenario,
    $day::date as served_date,
    summed.*,
    0 as clicked,
    0 as purchased,
    0 as revenue,
    0 as clicks,
    0 as click_judged,
    0 as click_ndcg,
    0 as judged,
    0 as ndcg
from summed
qualify
    sum(answers) over (partition by segment, other_segment)
    >= 0.005 * (select sum(answers) from combined);
