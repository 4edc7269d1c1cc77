-- What the scores of a day promised and what came, as clicks a look, from the lowest scores to the
-- highest in ten bins of about as many looks. The error counts clicks as if each was by itself.
insert into reliability by name
with scored as (
    select
        model_tag,
        variant,
        score_bin,
        any_value(score) as score,
        any_value(calibrated) as calibrated,
        sum(n_shown) as n,
        sum(n_clicked) as n_clicked,
        sum(n_shown * looked_at order by "rank") as n_looked_at
    from promises
    group by model_tag, variant, score_bin
),
placed as (
    select
        *,
        sum(n_looked_at) over (of_ranker order by score_bin) - n_looked_at / 2 as middle,
        sum(n_looked_at) over of_ranker as n_all
    from scored
    window of_ranker as (partition by model_tag, variant)
)
select
    $scenario as scenario,
    $day::date as served_date,
    model_tag,
    variant,
    least(floor(10 * middle / n_all), 9)::integer + 1 as bin,
    sum(n) as n,
    sum(n_looked_at order by score_bin) as n_looked_at,
    sum(n_looked_at * score order by score_bin)
    / sum(n_looked_at order by score_bin) as predicted,
    sum(n_looked_at * calibrated order by score_bin)
    / sum(n_looked_at order by score_bin) as calibrated,
    sum(n_clicked) / sum(n_looked_at order by score_bin) as observed,
    sqrt(sum(n_clicked)) / sum(n_looked_at order by score_bin) as standard_error
from placed
group by all
order by model_tag, variant, bin;
