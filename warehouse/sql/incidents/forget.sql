-- Forgets the incidents that are told anew.
delete from incidents using changing_since
where
    incidents.scenario = $scenario
    and incidents.cause = changing_since.cause
    and incidents.first_day >= changing_since.since;
