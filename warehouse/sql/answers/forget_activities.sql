-- Forgets how often the users of a scenario's day had bought.
delete from user_activities
where scenario = $scenario and served_date = $day::date;
