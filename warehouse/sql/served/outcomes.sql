-- Gives the events of the days $from_day to $to_day to a scenario's requests of the days $first to
-- $last, as far as they count as their outcomes. Nobody saw a shadow's answer, so nothing follows
-- it; a pinned one is a test, and gets only what names it. Nothing comes of a request that failed or
-- whose client had gone: what followed it is given to the answer before. What names a request that it
-- comes before, by less than a day, was told by another clock: it counts as coming with the request.
insert into outcomes by name
with requests as (
    select request_id, occurred_at
    from served_requests
    where
        scenario = $scenario
        and occurred_at >= $first::date
        and occurred_at < $last::date + 1
        and shadow_of is null
        and error is null
        and not client_gone
),
followed as (
    select events.*, windows.named_days, windows.guessed_days
    from stg_events as events
    join attribution_windows() as windows using (event_type)
    where
        events.occurred_at >= $from_day::date - 1
        and events.occurred_at < $to_day::date + 1
        and events.user_id is not null
),
named as (
    select
        requests.request_id,
        followed.* exclude (request_id)
        replace (greatest(followed.occurred_at, requests.occurred_at) as occurred_at)
    from followed
    join requests using (request_id)
    where
        followed.occurred_at > requests.occurred_at - interval 1 day
        and followed.occurred_at < requests.occurred_at + to_days(followed.named_days)
),
asked as (
    select request_id, user_id, occurred_at
    from served_requests
    where
        scenario = $scenario
        and occurred_at
        >= $from_day::date - (select max(guessed_days)::integer from attribution_windows())
        and occurred_at < $to_day::date + 1
        and shadow_of is null
        and not pinned
        and error is null
        and not client_gone
),
last_asked as (
    select asked.request_id, followed.* exclude (request_id)
    from (select * from followed where request_id is null) as followed
    asof join asked
        on followed.user_id = asked.user_id and followed.occurred_at >= asked.occurred_at
    where followed.occurred_at < asked.occurred_at + to_days(followed.guessed_days)
),
guessed as (
    select * from last_asked
    semi join requests using (request_id)
),
given as (
    from named
    union all by name
    from guessed
)
select request_id, event_id, event_type, product_id, occurred_at, quantity, price
from given
where occurred_at >= $from_day::date and occurred_at < $to_day::date + 1
order by occurred_at, event_id;
