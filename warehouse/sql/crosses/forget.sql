-- Removes what is added up of the crossed segments of $days.
delete from cross_partials
where scenario = $scenario and served_date = any($days::date[]);
