-- What is known of clicks as of a day: the sums of the four weeks up to it whose clicks had all come.
-- Scorers and their bins are numbered from 0, each in their order.
-- Grain: one row a scoring model, bin of its scores, and rank. Key: (bin, rank).
select
    dense_rank() over (order by scored_by) - 1 as scorer,
    dense_rank() over (order by scored_by, score_bin) - 1 as bin,
    score_of_bin(score_bin) as score,
    "rank",
    sum(n_shown)::double as n_shown,
    sum(n_clicked)::double as n_clicked
from click_partials
where
    scenario = $scenario
    and served_date > $as_of::date - 28 - $click_days::integer
    and served_date + $click_days::integer <= least($as_of::date, as_of)
group by scored_by, score_bin, "rank"
order by bin, "rank";
