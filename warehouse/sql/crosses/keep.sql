-- Keeps what was counted of days up to the end of $as_of: of the pairs of segments that are kept, those
-- with an answer.
insert into cross_partials by name
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
from renewed_crosses
group by served_date, segment, other_segment, model_tag, variant, bucket
having sum(answers) > 0;
