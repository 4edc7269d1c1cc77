-- What a day showed of models' own scores, what they promised, and what was clicked; how likely ranks are
-- looked at is what was known at the day's end. `worth` is registered: what is known of scores.
-- Grain: one row a model, variant, rank and score. Key: all four.
create or replace temp table promises as
select
    model_tag,
    variant,
    "rank",
    score_bin,
    n_shown,
    n_clicked,
    probability as looked_at,
    score_of_bin(score_bin) as score,
    are_probabilities,
    calibrated
from click_partials
join examination using (scenario, "rank")
join worth using (scored_by, score_bin)
where
    scenario = $scenario
    and served_date = $day::date
    and scored_by = model_tag
    and examination.as_of = $day::date;
