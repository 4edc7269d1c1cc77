-- Since when the incidents of a cause began that what days from $first on told can change: those that
-- are open, or were last seen at most $quiet_days before.
-- Grain: one row a cause.
create or replace temp table changing_since as
select cause, min(first_day) as since
from incidents
where
    scenario = $scenario
    and (ended_on is null or last_day >= $first::date - $quiet_days::integer)
group by cause;
