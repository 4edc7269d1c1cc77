-- Removes all that is added up of a scenario's day.
delete from metric_partials
where scenario = $scenario and served_date = $day::date;
