-- Removes what followed a scenario's requests of one day.
delete from outcomes
where request_id in (
    select request_id
    from served_requests
    where scenario = $scenario and occurred_at >= $day::date and occurred_at < $day::date + 1
);
