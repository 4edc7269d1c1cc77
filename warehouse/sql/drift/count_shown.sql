-- Counts what was shown among the first ten of a day's answers, for each model.
insert into drift_day by name
with shown as (
    select
        answers.model_tag,
        ten.score_bin,
        ten.stage,
        grouping(ten.stage) as of_scores,
        count(*) as n
    from first_ten as ten
    join day_answers as answers using (answer)
    where ten.shown
    group by grouping sets ((answers.model_tag, ten.score_bin), (answers.model_tag, ten.stage))
),
gains as (
    select
        answers.model_tag,
        clicked.score_bin,
        clicked.stage,
        grouping(clicked.stage) as of_scores,
        sum(clicked.gain) as gain
    from clicked
    join day_answers as answers using (answer)
    where answers.seen
    group by grouping sets (
        (answers.model_tag, clicked.score_bin), (answers.model_tag, clicked.stage)
    )
)
select
    $scenario as scenario,
    $day::date as served_date,
    shown.model_tag,
    if(shown.of_scores = 1, 'score', 'stage') as subject,
    shown.score_bin as bin,
    shown.stage as "value",
    shown.n,
    coalesce(gains.gain, 0) as gain
from shown
left join gains
    on
        shown.model_tag = gains.model_tag
        and shown.of_scores = gains.of_scores
        and shown.score_bin is not distinct from gains.score_bin
        and shown.stage is not distinct from gains.stage;
