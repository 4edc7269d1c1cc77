-- Removes what scores promised of a scenario's day.
delete from reliability
where scenario = $scenario and served_date = $day::date;
