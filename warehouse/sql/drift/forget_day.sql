-- Removes what was counted of a day.
delete from drift_partials
where scenario = $scenario and served_date = $day::date;
