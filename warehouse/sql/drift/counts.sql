-- Puts a day's counts beside those of its references.
-- Grain: one row a series and bin or value. Key: series, bin, value.
create or replace temp table drift_counts as
with now as (
    select series.series, bin, "value", n
    from drift_series as series
    join drift_partials using (model_tag, subject)
    where scenario = $scenario and served_date = $day::date
),
before as (
    select days.series, bin, "value", sum(n)::bigint as n_reference, sum(gain) as gain_reference
    from drift_reference_days as days
    join drift_partials as partials
        on
            days.served_date = partials.served_date
            and days.subject = partials.subject
            and (days.model_tag = partials.model_tag or days.model_tag is null)
    where
        scenario = $scenario
        and partials.served_date in (select served_date from drift_reference_days)
    group by all
)
select
    coalesce(now.series, before.series) as series,
    coalesce(now.bin, before.bin) as bin,
    coalesce(now."value", before."value") as "value",
    coalesce(n, 0) as n,
    coalesce(n_reference, 0) as n_reference,
    gain_reference
from now
full join before
    on
        now.series = before.series
        and now.bin is not distinct from before.bin
        and now."value" is not distinct from before."value";
