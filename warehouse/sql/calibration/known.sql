-- The scores of a day and of the four weeks before it, and what was known of them at its end: looks and
-- clicks of the days whose clicks had all come. A model's scores are taken for probabilities where all
-- of them lie between 0 and 1. Looks are summed as decimals: in whatever order, a second run comes to
-- the same last digit.
-- Grain: one row a scoring model and bin of its scores. Key: (scored_by, score_bin).
with learnt as (
    select "rank", probability
    from examination
    where scenario = $scenario and as_of = $day::date
),
scores as (
    select
        scored_by,
        score_bin,
        if(served_date + $click_days::integer <= least($day::date, as_of), served_date, null) as closed_day,
        n_clicked,
        (n_shown * probability)::decimal(38, 12) as n_looked_at
    from click_partials
    join learnt using ("rank")
    where
        scenario = $scenario
        and served_date > $day::date - 28 - $click_days::integer
        and served_date <= $day::date
),
scorers as (
    select
        scored_by,
        count(distinct closed_day) as n_days,
        min(score_bin) >= 0 and max(score_bin) <= score_bin(1) as are_probabilities
    from scores
    group by scored_by
)
select
    dense_rank() over (order by scored_by) - 1 as scorer,
    scored_by,
    score_bin,
    n_days,
    are_probabilities,
    coalesce(sum(n_clicked) filter (where closed_day is not null), 0)::double as n_clicked,
    coalesce(sum(n_looked_at) filter (where closed_day is not null), 0)::double as n_looked_at
from scores
join scorers using (scored_by)
group by scored_by, score_bin, n_days, are_probabilities
order by scored_by, score_bin;
