-- What was promised of late, and what the rankings came to, in the days and rankers of estimate_cells;
-- scorers and their bins are numbered from 0, each in their order.
-- Grain: one row a day, ranker and bin. Key: all three.
with numbered as (
    select distinct day, day_number, model_tag, variant, ranker
    from estimate_cells
)
select
    day_number,
    ranker,
    dense_rank() over (order by scored_by) - 1 as scorer,
    dense_rank() over (order by scored_by, promise_bin) - 1 as bin,
    n::double as n,
    n_followed::double as n_followed,
    hit_rate,
    ndcg,
    ndcg_squares
from answer_partials as answers
join numbered
    on
        answers.served_date = numbered.day
        and answers.model_tag = numbered.model_tag
        and answers.variant = numbered.variant
where scenario = $scenario
order by bin, day_number, ranker;
