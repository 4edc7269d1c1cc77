-- Forgets who was a robot on a scenario's day.
delete from robots
where scenario = $scenario and served_date = $day::date;
