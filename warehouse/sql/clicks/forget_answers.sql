-- Removes what was counted of the answers of a scenario's day.
delete from answer_partials
where scenario = $scenario and served_date = $day::date;
