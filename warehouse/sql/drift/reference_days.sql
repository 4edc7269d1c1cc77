-- Which days each series is compared with: the day's weekday in four weeks, as far as anything was counted.
-- Weeks in which the subject was found to drift are left out, unless half of them were: what stays
-- is no drift any more. In training windows any model was live, and its answers count.
-- Grain: one row a series and day. Key: both.
create or replace temp table drift_reference_days as
with days as (
    select
        *,
        before
        - (1 + (isodow(before) - isodow($day::date) + 6) % 7)::integer
        - 7 * unnest(range(4))::integer as served_date
    from drift_series
),
counted as (
    select distinct served_date, model_tag, subject
    from drift_partials
    where scenario = $scenario and served_date in (select served_date from days)
),
known as (
    select distinct
        days.series,
        days.subject,
        days.served_date,
        if(days.reference = 'weeks', days.model_tag, null) as model_tag,
        coalesce(found.drifted, false) as drifted
    from days
    join counted
        on
            days.served_date = counted.served_date
            and days.subject = counted.subject
            and (days.model_tag = counted.model_tag or days.reference = 'training')
    left join drift_values as found
        on
            found.scenario = $scenario
            and days.served_date = found.day
            and days.model_tag = found.model_tag
            and days.subject = found.subject
            and days.reference = 'weeks'
            and found.reference = 'weeks'
)
select * exclude (drifted)
from known
qualify
    not drifted
    or 2 * count_if(drifted) over (partition by series) >= count(*) over (partition by series);
