-- How far days were from the weeks before them, of the eight weeks before each series' own: by the same
-- subject, of any model. Days found to drift are left out, unless half of them were.
-- Grain: one row a series, day and model.
select series.series, found.jensen_shannon, found.ks, found.n, found.n_days
from drift_series as series
join drift_values as found
    on
        series.subject = found.subject
        and found.day >= series.before - 56
        and found.day < series.before
where found.scenario = $scenario and found.reference = 'weeks'
qualify
    not found.drifted
    or 2 * count_if(found.drifted) over (partition by series.series)
    >= count(*) over (partition by series.series)
order by series.series, found.day, found.model_tag;
