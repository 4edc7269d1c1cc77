-- Forgets what the night of $day found of the catalogue, unless later nights found something.
delete from catalogue_history
where since = $day::date and not exists (from catalogue_history where since > $day::date);
