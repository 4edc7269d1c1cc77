-- What the scores of a day promised and what came, as clicks a look: products that were looked at as
-- often as $as_of knows their ranks to be, from the lowest scores to the highest in ten bins of about
-- as many looks. The error counts clicks as if each was by itself.
insert into reliability by name
with scored as (
    select
        model_tag,
        variant,
        score_bin,
        sum(n_shown) as n,
        sum(n_clicked) as n_clicked,
        sum(n_shown * probability order by "rank") as n_looked_at
    from click_partials
    join examination using (scenario, "rank")
    where
        scenario = $scenario
        and served_date = $day::date
        and scored_by = model_tag
        and examination.as_of = $as_of::date
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
    sum(n_looked_at * score_of_bin(score_bin) order by score_bin)
    / sum(n_looked_at order by score_bin) as predicted,
    sum(n_clicked) / sum(n_looked_at order by score_bin) as observed,
    sqrt(sum(n_clicked)) / sum(n_looked_at order by score_bin) as standard_error
from placed
group by all
order by model_tag, variant, bin;
