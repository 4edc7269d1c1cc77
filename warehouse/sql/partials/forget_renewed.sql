-- Removes the partials of a day that events change.
delete from metric_partials
where scenario = $scenario and served_date = $day::date and as_of is not null;
