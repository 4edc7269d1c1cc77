-- What drifted on the days from $first to $last from the same weekdays before.
-- Grain: one row a day, model and subject. Key: all three.
select
    day,
    subject,
    psi,
    jensen_shannon,
    new_share,
    missing_share,
    missing_share_then as missing_before,
    coalesce(effect, 0) as effect
from drift_values
where
    scenario = $scenario
    and day between $first::date and $last::date
    and reference = 'weeks'
    and drifted
order by day, model_tag, subject;
