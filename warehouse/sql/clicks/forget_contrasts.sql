-- Removes a scenario's contrasts of ranks of a day.
delete from rank_contrasts
where scenario = $scenario and served_date = $day::date;
