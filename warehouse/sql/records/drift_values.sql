-- How far the days of the last eight weeks were from others.
-- Grain and key: those of drift_values.
select *
from drift_values
where day > (select max(day) - 56 from drift_values)
order by scenario, day, model_tag, subject, reference;
