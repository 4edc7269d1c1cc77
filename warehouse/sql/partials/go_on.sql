-- Begins to count what followed answers since they were counted.
-- Grain: one row a day, segment, model, variant, bucket and metric. Key: all six.
create or replace temp table renewed as
select * exclude (scenario, as_of)
from metric_partials
limit 0;
