-- Goes on counting what follows the answers of the days from $first to $last, from what was counted
-- before.
-- Grain: one row a day, pair of segments, model, variant and bucket. Key: all six.
create or replace temp table renewed_crosses as
select * exclude (scenario, as_of)
from cross_partials
where scenario = $scenario and served_date between $first::date and $last::date;
