-- The end of which day a scenario's day is counted up to; null where it was not counted.
select max(as_of)
from metric_partials
where scenario = $scenario and served_date = $day::date;
