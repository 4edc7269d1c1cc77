-- A day's sample, and that of its reference: the same weekday of the four weeks before, as many of each. Weeks
-- that were found to drift are left out, unless half of them were: what stays is no drift any more.
-- Grain: one row a day and place. Key: both.
with days as (
    select day, coalesce(drifted, false) and day < $day::date as drifted, day = $day::date as is_now
    from (select distinct day from embedding_samples where scenario = $scenario)
    left join (from embedding_drift_values where scenario = $scenario) using (day)
    where day in (select $day::date - 7 * weeks::integer from range(5) as rows (weeks))
),
compared as (
    select day, is_now, count(*) over (partition by is_now) as n_days
    from days
    qualify
        not drifted
        or 2 * count_if(drifted) over (partition by is_now)
        >= count(*) over (partition by is_now)
)
select is_now, n_days, asked
from embedding_samples
join compared using (day)
where scenario = $scenario and place <= $n // n_days
order by is_now, day, place;
