-- How far days were from the weeks before them, of the eight weeks before each series' own: by the same
-- subject, of any model. Days found to drift are left out, unless a quarter of that weekday's were: then
-- that is what such days are like.
-- Grain: one row a series, day and model.
select
    series.series,
    found.jensen_shannon,
    found.ks,
    found.n,
    found.n_days,
    isodow(found.day) as weekday
from drift_series as series
join drift_values as found
    on
        series.subject = found.subject
        and found.day >= series.before - 56
        and found.day < series.before
where found.scenario = $scenario and found.reference = 'weeks'
window of_weekday as (partition by series.series, isodow(found.day))
qualify
    not found.drifted
    or 4 * count_if(found.drifted) over of_weekday >= count(*) over of_weekday
order by series.series, found.day, found.model_tag;
