-- What days up to $as_of told of causes: those from $first on, those that may be one incident with them,
-- and those of incidents that these change.
-- Grain: one row a day and cause. Key: both.
select day, cause, clause, metric, loss
from day_findings
left join changing_since using (cause)
where
    scenario = $scenario
    and day >= least($first::date - $quiet_days::integer, coalesce(since, $first::date))
    and day <= $as_of::date
order by day, cause;
