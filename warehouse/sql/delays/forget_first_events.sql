-- Removes what occurred from $since until before $until of what first followed a scenario's requests
-- of the days from $first until before $before.
delete from first_events
where
    scenario = $scenario
    and served_date >= $first::date
    and served_date < $before::date
    and occurred_date >= $since::date
    and occurred_date < $until::date;
