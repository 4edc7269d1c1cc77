-- Days and rankers, what was shown on and by them, and what a metric came to where that is known.
-- Grain: one row a day and ranker. Key: both.
select
    day,
    day_number,
    model_tag,
    variant,
    ranker,
    sum(n_shown)::bigint as n,
    any_value(closed.value) as came
from estimate_cells
left join (from closed_values where metric = $metric) as closed using (day, model_tag, variant)
group by all
order by day, ranker;
