-- Remembers of those who asked on a day how often they had bought before it: a third each of all users
-- with a purchase are light, medium and heavy, by the number of their visits with one.
-- Grain: one row a user. Key: user_id.
insert into user_activities by name
with buyers as (
    select
        user_id,
        ['light', 'medium', 'heavy'][
            ntile(3) over (order by count(distinct session_id), user_id)
        ] as activity
    from stg_events
    where event_type = 'purchase' and user_id is not null and occurred_at < $day::date
    group by user_id
)
select $scenario as scenario, $day::date as served_date, user_id, activity
from buyers
where
    user_id in (
        select user_id
        from served_requests
        where scenario = $scenario and occurred_at >= $day::date and occurred_at < $day::date + 1
    )
order by user_id;
