-- Removes a scenario's peaks of one day, before they are counted again.
delete from service_peaks
where scenario = $scenario and served_date = $day::date;
