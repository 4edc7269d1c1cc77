-- Goes on counting what follows the answers of the days from $first to $last, from what was counted
-- before.
-- Grain: one row a day, segment, model, variant, bucket and metric. Key: all six.
create or replace temp table renewed as
select * exclude (scenario, as_of)
from metric_partials
where
    scenario = $scenario
    and served_date between $first::date and $last::date
    and as_of is not null;
