-- Removes what was counted of the products that a scenario showed on a day.
delete from exposure_partials
where scenario = $scenario and served_date = $day::date;
