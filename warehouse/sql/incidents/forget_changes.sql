-- Forgets where the changes of the incidents come from that are told anew; they are still known.
delete from incident_changes
where
    incident_id in (
        select incident_id
        from incidents
        join changing_since using (cause)
        where scenario = $scenario and first_day >= since
    );
