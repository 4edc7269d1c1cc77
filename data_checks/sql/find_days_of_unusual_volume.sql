-- Open days of the scope with far fewer or far more rows than the same weekday's last eight had
-- (their median, once there are three).
with counted as (
    select occurred_at::date as day, count(*) as n_rows
    from source_rows
    where occurred_at is not null
    group by day
),
compared as (
    select
        day,
        n_rows,
        median(n_rows) over earlier as usual_rows,
        count(*) over earlier as n_earlier
    from counted
    semi join open_days using (day)
    window earlier as (
        partition by isodow(day) order by day rows between 8 preceding and 1 preceding
    )
)
select day, n_rows, usual_rows
from compared
where n_earlier >= 3
    and day >= (select min(occurred_at)::date from checked_rows)
    and (n_rows < $least::double * usual_rows or n_rows > $most::double * usual_rows)
order by day
