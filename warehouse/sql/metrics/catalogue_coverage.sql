-- The share of the recommendable catalogue that the first ten ranks of all queries show.
-- `catalogue` is served/catalogue.
-- Grain: one row a ranker. Key: ranker.
select
    ranker,
    count(distinct product_id) / (select count(*) from catalogue where recommendable) as value,
    count(distinct query_id) as n
from judged_run
where segment = 'all' and rank <= 10
group by ranker
order by ranker;
