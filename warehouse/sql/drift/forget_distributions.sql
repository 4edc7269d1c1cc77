-- Forgets the distributions of a day.
delete from drift_distributions
where scenario = $scenario and day = $day::date;
