-- The contrasts of ranks of the same days as clicks/learnt_from.
-- Grain: one row an ordered pair of ranks. Key: both.
select contrasts."rank", other_rank, sum(clicks::decimal(38, 12))::double as clicks
from rank_contrasts as contrasts
join attribution_windows() as windows on windows.event_type = 'click'
where
    scenario = $scenario
    and served_date > $as_of::date - 28 - windows.named_days
    and served_date + windows.named_days <= $as_of::date
group by contrasts."rank", other_rank
order by contrasts."rank", other_rank;
