-- The contrasts of ranks of the same days as clicks/learnt_from.
-- Grain: one row an ordered pair of ranks. Key: both.
select contrasts."rank", other_rank, sum(clicks::decimal(38, 12))::double as clicks
from rank_contrasts as contrasts
where
    scenario = $scenario
    and served_date > $as_of::date - 28 - $click_days::integer
    and served_date + $click_days::integer <= $as_of::date
group by contrasts."rank", other_rank
order by contrasts."rank", other_rank;
