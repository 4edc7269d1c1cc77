-- Whose judgments search is measured by. Weak ones were derived: no person gave them.
-- Grain: one row a scenario and source. Key: both.
select
    'search' as scenario,
    source,
    bool_and(weak) as weak,
    count(distinct query_id) as queries,
    count(*) as pairs
from stg_judgments
group by source
order by source;
