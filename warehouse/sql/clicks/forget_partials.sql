-- Removes what was counted of a scenario's day.
delete from click_partials
where scenario = $scenario and served_date = $day::date;
