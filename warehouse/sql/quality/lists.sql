-- How much of what is shown first is what the same askers were shown by the same model when they last came
-- within the week: the share of today's first ten that were there then, in the mean (list_overlap@10).
-- Grain: one row a model.
insert into data_quality by name
with today as (
    from list_samples
    where scenario = $scenario and day = $day::date
),
before as (
    select model_tag, asker, max_by(product_ids, day) as product_ids
    from list_samples
    where scenario = $scenario and day >= $day::date - 7 and day < $day::date
    group by model_tag, asker
)
select
    $scenario as scenario,
    $day::date as day,
    'list_overlap@10' as measure,
    model_tag as part,
    avg(
        (len(list_intersect(today.product_ids, before.product_ids)) / len(today.product_ids))
        ::decimal(18, 9)
    ) as value,
    count(*) as n
from today
join before using (model_tag, asker)
group by model_tag
order by model_tag;
