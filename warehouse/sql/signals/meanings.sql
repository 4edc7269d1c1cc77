-- What drifted in meaning on the days from $first to $last from the same weekdays before.
-- Grain: one row a day. Key: day.
select day, subject, classifier_area, beyond
from embedding_drift_values
where scenario = $scenario and day between $first::date and $last::date and drifted
order by day;
