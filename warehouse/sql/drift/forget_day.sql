-- Removes what was counted of a day, as far as it is counted again.
delete from drift_partials
where
    scenario = $scenario
    and served_date = $day::date
    and (
        not starts_with(subject, 'catalogue_')
        or exists (from drift_day where starts_with(subject, 'catalogue_'))
    );
