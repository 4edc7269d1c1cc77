-- The days before $night that something may still follow: each of them for $purchase_days, then one
-- in seven up to $last_days.
-- Grain: one row a day that a scenario was asked on. Key: day.
select distinct occurred_at::date as day
from served_requests
where
    scenario = $scenario
    and occurred_at >= $night::date - $last_days::integer
    and occurred_at < $night::date
    and (
        $night::date - occurred_at::date <= $purchase_days
        or ($night::date - occurred_at::date) % 7 = 0
    )
order by day;
