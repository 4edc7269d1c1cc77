-- The mean of each ranking metric, its standard error, and the number of queries behind it.
-- Grain: one row a ranker, segment and metric. Key: all three.
select
    ranker,
    segment,
    metric,
    avg(value) as value,
    stddev_samp(value) / sqrt(count(*)) as standard_error,
    count(*) as n
from per_query
group by ranker, segment, metric
order by ranker, segment, metric;
