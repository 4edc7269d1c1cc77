-- What was shown of late, and what followed, with how likely it was looked at: of the days of five
-- weeks up to $as_of. Where nothing is known of any rank, because nothing is clicked, all count as
-- looked at; a rank where nothing was ever clicked does not. Days, rankers (a model in a variant),
-- scorers and their bins are numbered from 0, each in their order.
-- Grain: one row a day, ranker, bin and rank. Key: all four.
create or replace temp table estimate_cells as
with learnt as (
    select "rank", probability
    from examination
    where scenario = $scenario and as_of = $as_of::date
)
select
    served_date as day,
    dense_rank() over (order by served_date) - 1 as day_number,
    model_tag,
    variant,
    dense_rank() over (order by model_tag, variant) - 1 as ranker,
    dense_rank() over (order by scored_by) - 1 as scorer,
    dense_rank() over (order by scored_by, score_bin) - 1 as bin,
    "rank",
    n_shown,
    n_clicked,
    coalesce(probability, if(exists (from learnt), 0.0, 1.0)) as looked_at
from click_partials
left join learnt using ("rank")
where
    scenario = $scenario
    and served_date > $as_of::date - 35
    and served_date <= $as_of::date;
