-- Forgets which stores, countries and devices are segments of a scenario's day.
delete from context_segments
where scenario = $scenario and served_date = $day::date;
