-- Goes on counting what follows a day's answers, from what was counted before.
-- Grain: one row a segment, model, variant, bucket and metric. Key: all five.
create or replace temp table renewed as
select * exclude (scenario, served_date, as_of)
from metric_partials
where scenario = $scenario and served_date = $day::date and as_of is not null;
