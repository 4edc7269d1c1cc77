-- Removes what was found of a day.
delete from drift_values where scenario = $scenario and day = $day::date;
