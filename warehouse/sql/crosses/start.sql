-- Begins to count what follows a day's answers, of which nothing has followed any yet.
-- Grain: one row a day, pair of segments, model, variant and bucket. Key: all six.
create or replace temp table renewed_crosses as
select
    * exclude (scenario, as_of)
    replace (
        0::bigint as clicked,
        0::bigint as purchased,
        0::decimal(38, 15) as revenue,
        0::bigint as clicks,
        0::bigint as click_judged,
        0::decimal(38, 15) as click_ndcg,
        0::bigint as judged,
        0::decimal(38, 15) as ndcg
    )
from cross_partials
where scenario = $scenario and served_date = $day::date;
