-- Removes what happened from $from_day to $to_day after a scenario's requests of $first to $last.
delete from outcomes
where
    occurred_at >= $from_day::date
    and occurred_at < $to_day::date + 1
    and request_id in (
        select request_id
        from served_requests
        where
            scenario = $scenario
            and occurred_at >= $first::date
            and occurred_at < $last::date + 1
    );
