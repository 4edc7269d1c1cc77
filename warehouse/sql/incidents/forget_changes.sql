-- Forgets where the changes of the incidents that began since $since come from; the incidents are still known.
delete from incident_changes
where
    incident_id in (
        select incident_id
        from incidents
        where scenario = $scenario and first_day >= $since::date
    );
