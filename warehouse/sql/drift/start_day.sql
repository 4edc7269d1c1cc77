-- What is counted of a day, before it is kept.
-- Grain: one row a model, subject and bin or value.
create or replace temp table drift_day as
from drift_partials
limit 0;
