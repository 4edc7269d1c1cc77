-- Days on which the source is closed, and yet has rows.
select occurred_at::date as day, count(*) as n_rows
from checked_rows
where occurred_at::date <= $last_due_day::date
group by day
having day not in (select day from open_days)
order by day
