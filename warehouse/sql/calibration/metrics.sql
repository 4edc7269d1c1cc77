-- How far what the scores of a day promised was from the clicks of what was looked at:
--   click_ece    mean distance of promised and observed over the bins of `reliability`, by looks
--                (expected calibration error, Naeini et al. 2015, bins alike in size)
--   click_brier  mean squared distance of a click from examination * promised, of all that was shown
--                (Brier 1950)
-- Scores that are probabilities promise themselves. Of others it is `calibrated_click_ece` and
-- `calibrated_click_brier`: they promise what earlier days say that they are worth, or nothing yet.
-- Errors as if each click was by itself.
insert or replace into metric_values by name
with cells as (
    select
        model_tag,
        variant,
        "rank",
        score_bin,
        n_shown,
        n_clicked,
        if(are_probabilities, '', 'calibrated_') as prefix,
        looked_at * if(are_probabilities, score, calibrated) as promised
    from promises
    where are_probabilities or calibrated is not null
),
brier as (
    select
        model_tag,
        variant,
        prefix,
        sum(
            n_clicked * (1 - promised) ** 2 + (n_shown - n_clicked) * promised ** 2
            order by "rank", score_bin
        )
        / sum(n_shown) as value,
        sum(
            n_clicked * (1 - promised) ** 4 + (n_shown - n_clicked) * promised ** 4
            order by "rank", score_bin
        )
        / sum(n_shown) as of_squares,
        sum(n_shown) as n
    from cells
    group by model_tag, variant, prefix
),
ece as (
    select
        model_tag,
        variant,
        prefix,
        sum(n_looked_at * abs(coalesce(calibrated, predicted) - observed) order by bin)
        / sum(n_looked_at order by bin) as value,
        sqrt(sum((n_looked_at * standard_error) ** 2 order by bin))
        / sum(n_looked_at order by bin) as standard_error,
        sum(reliability.n) as n
    from reliability
    join brier using (model_tag, variant)
    where scenario = $scenario and served_date = $day::date
    group by model_tag, variant, prefix
),
measured as (
    select model_tag, variant, prefix || 'click_ece' as metric, value, standard_error, n
    from ece
    union all
    select
        model_tag,
        variant,
        prefix || 'click_brier',
        value,
        sqrt(greatest(of_squares - value ** 2, 0) / n),
        n
    from brier
)
select
    $scenario as scenario,
    metric,
    'day' as "window",
    $day::date as window_start,
    'all' as segment,
    model_tag,
    variant,
    $as_of::date as as_of,
    value,
    standard_error,
    n,
    1.0 as maturity,
    value as corrected,
    standard_error as corrected_error
from measured;
