-- Removes what was counted of a scenario's requests of one day, before it is counted again.
delete from service_partials
where scenario = $scenario and served_date = $day::date;
