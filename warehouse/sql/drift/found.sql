-- What was found of each series: its distances, and their effect on the gain of clicks, as a share of
-- it: how much more or less would come if the bins were as frequent as they are now, and each was
-- worth what it was. What the reference has nothing of is taken to be worth the mean.
-- Grain: one row a series. Key: series.
with means as (
    select series, sum(gain_reference)::double / sum(n_reference) as gain
    from drift_counts
    group by series
),
effects as (
    select
        series,
        sum(
            (counts.n / sizes.n - counts.n_reference / sizes.n_reference)
            * (counts.gain_reference::double / counts.n_reference / means.gain - 1)
            order by bin, "value"
        ) as effect
    from drift_counts as counts
    join drift_statistics as sizes using (series)
    join means using (series)
    where counts.n_reference > 0 and means.gain > 0
    group by series
),
days as (
    select series, count(*)::integer as n_days
    from drift_reference_days
    group by series
)
select
    series.model_tag,
    series.subject,
    series.reference,
    found.*,
    days.n_days,
    isodow($day::date) as weekday,
    effects.effect
from drift_statistics as found
join drift_series as series using (series)
join days using (series)
left join effects using (series)
order by series;
