-- Keeps both distributions of what drifted on a day.
insert into drift_distributions by name
select
    drifts.scenario,
    drifts.day,
    series.model_tag,
    series.subject,
    series.reference,
    counts.bin,
    counts."value",
    counts.n,
    counts.n_reference
from drift_counts as counts
join drift_series as series using (series)
join drifts using (model_tag, subject, reference)
where drifts.drifted
order by series.series, counts.bin, counts."value";
