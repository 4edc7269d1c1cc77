-- Stores in which nothing happened on a day, though something did on the same weekday of each of four
-- weeks: which share of those days' events was theirs, and how many a day.
-- Grain: one row a silent store, and one for all of them together.
insert into data_quality by name
with daily as (
    select store_id, occurred_at::date as day, count(*) as n
    from stg_events
    where
        occurred_at >= $day::date - 28
        and occurred_at < $day::date + 1
        and dayofweek(occurred_at) = dayofweek($day::date)
        and store_id is not null
    group by all
),
usual as (
    select store_id, sum(n) as n, count(*) as n_weeks
    from daily
    where day < $day::date
    group by store_id
),
silent as (
    select store_id, usual.n
    from usual
    where n_weeks = 4 and store_id not in (select store_id from daily where day = $day::date)
),
measured as (
    select 'silent_store' as measure, store_id as part, n
    from silent
    union all
    select 'silent_store_share', 'all', coalesce(sum(n), 0)
    from silent
)
select
    $scenario as scenario,
    $day::date as day,
    measure,
    part,
    n / (select sum(n) from usual) as value,
    round(n / 4)::bigint as n
from measured
where (select count(distinct day) from daily where day < $day::date) = 4
order by measure, part;
