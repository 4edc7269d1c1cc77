-- Removes what was ranked for a scenario's requests of one day.
delete from served_candidates
where
    (served_date = $day::date or served_date is null)
    and request_id in (
        select request_id
        from served_requests
        where scenario = $scenario and occurred_at >= $day::date and occurred_at < $day::date + 1
    );
