-- The mean of each ranking metric, its standard error, and the number of queries behind it.
-- Summed in the order of the queries, so that a second run comes to the same last digit.
-- Grain: one row a ranker, segment and metric. Key: all three.
select
    ranker,
    segment,
    metric,
    avg(value order by query_id) as value,
    stddev_samp(value order by query_id) / sqrt(count(*)) as standard_error,
    count(*) as n
from per_query
group by ranker, segment, metric
order by ranker, segment, metric;
