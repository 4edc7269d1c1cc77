-- Removes what is added up of the crossed segments of the days from $first to $last.
delete from cross_partials
where scenario = $scenario and served_date between $first::date and $last::date;
