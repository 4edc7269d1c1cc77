-- The p-values of a day's other tests of drift.
-- Grain: one row a test.
select p_value
from drift_values
where scenario = $scenario and day = $day::date and p_value is not null
order by p_value;
