-- Forgets the incidents that began since $since.
delete from incidents
where scenario = $scenario and first_day >= $since::date;
