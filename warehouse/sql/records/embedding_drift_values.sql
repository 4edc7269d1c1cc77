-- How far the days of the last eight weeks were in meaning from others.
-- Grain and key: those of embedding_drift_values.
select *
from embedding_drift_values
where day > (select max(day) - 56 from embedding_drift_values)
order by scenario, day;
