-- Forgets the lists that were kept of a day.
delete from list_samples
where scenario = $scenario and day = $day::date;
