-- What the days since $since told of causes.
-- Grain: one row a day and cause. Key: both.
select day, cause, clause, metric, loss
from day_findings
where scenario = $scenario and day >= $since::date and day <= $as_of::date
order by day, cause;
