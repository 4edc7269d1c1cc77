-- The first events of their type to follow a scenario's requests of the days from $first until before
-- $before, of the events that occurred from $since until before $until. An earlier one of the type
-- is on no day before that of their request, and so within the type's window of the later one.
-- Grain: one row a day of the request, its age when that day ended, event type, delay, and day of the
-- event. Key: all five.
create or replace temp table first_of_type as
with followed as (
    select request_id, event_type, min(occurred_at) as occurred_at
    from outcomes
    where occurred_at >= $since::date and occurred_at < $until::date
    group by request_id, event_type
),
earlier as (
    select outcomes.request_id, outcomes.event_type
    from outcomes
    join attribution_windows() as windows using (event_type)
    where
        outcomes.occurred_at >= $first::date
        and outcomes.occurred_at < $since::date
        and outcomes.occurred_at >= $since::date - windows.named_days
),
firsts as (
    select * from followed
    anti join earlier using (request_id, event_type)
)
select
    requests.occurred_at::date as served_date,
    step_before(
        epoch_us((served_date + 1)::timestamp) - epoch_us(requests.occurred_at)
    ) as age,
    firsts.event_type,
    step_after(epoch_us(firsts.occurred_at) - epoch_us(requests.occurred_at)) as delay,
    firsts.occurred_at::date as occurred_date,
    count(*) as n
from served_requests as requests
join firsts using (request_id)
where
    requests.scenario = $scenario
    and requests.occurred_at >= $first::date
    and requests.occurred_at < $before::date
    and requests.shadow_of is null
    and not requests.pinned
    and requests.error is null
    and not requests.client_gone
group by all;
