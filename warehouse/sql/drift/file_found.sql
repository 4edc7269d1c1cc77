-- What was found of each column and model.
-- Grain: one row a column and model. Key: both.
select subject, model_tag, statistics.* exclude (series)
from drift_statistics as statistics
join drift_series using (series)
order by subject, model_tag;
