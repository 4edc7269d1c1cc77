-- Stores in which nothing happened on a day, though at least 20 events did on the same weekday of each of
-- four weeks: which share of those days' events was theirs.
-- Grain: one row a silent store.
insert into data_quality by name
with daily as (
    select store_id, occurred_at::date as day, count(*) as n
    from stg_events
    where
        occurred_at >= $day::date - 28
        and occurred_at < $day::date + 1
        and dayofweek(occurred_at) = dayofweek($day::date)
    group by all
),
usual as (
    select store_id, sum(n) as n, min(n) as least, count(*) as n_weeks
    from daily
    where day < $day::date
    group by store_id
)
select
    $scenario as scenario,
    $day::date as day,
    'silent_store' as measure,
    store_id as part,
    usual.n / (select sum(n) from usual) as value,
    usual.n
from usual
where
    store_id is not null
    and n_weeks = 4
    and least >= 20
    and store_id not in (
        select store_id from daily where day = $day::date and store_id is not null
    )
order by store_id;
