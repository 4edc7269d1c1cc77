-- Open days without a row, between the scope's first day and the source's newest.
-- What is missing after that is a matter of freshness.
with days as (
    select distinct occurred_at::date as day from source_rows where occurred_at is not null
)
select day, 0 as n_rows
from open_days
where day >= (select min(occurred_at)::date from checked_rows)
    and day <= (select max(day) from days)
    and day not in (select day from days)
order by day
