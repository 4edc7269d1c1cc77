-- Removes a scenario's requests of one day, before they are staged again.
delete from served_requests
where scenario = $scenario and occurred_at >= $day::date and occurred_at < $day::date + 1;
