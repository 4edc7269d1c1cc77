-- Puts the counts of one file beside those of the other.
-- Grain: one row a series and bin or value. Key: series, bin, value.
create or replace temp table drift_counts as
with sides as (
    select subject, model_tag, bin, "value", n, 0 as n_reference from file_now
    union all
    select subject, model_tag, bin, "value", 0, n from file_then
)
select
    series,
    bin,
    "value",
    sum(n)::bigint as n,
    sum(n_reference)::bigint as n_reference
from sides
join drift_series as series
    on sides.subject = series.subject and sides.model_tag is not distinct from series.model_tag
group by all;
