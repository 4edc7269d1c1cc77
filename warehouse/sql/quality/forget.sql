-- Forgets the quality of a day's data.
delete from data_quality
where scenario = $scenario and day = $day::date;
