-- Removes how old the requests of a scenario's days from $first until before $before were.
delete from request_ages
where scenario = $scenario and served_date >= $first::date and served_date < $before::date;
