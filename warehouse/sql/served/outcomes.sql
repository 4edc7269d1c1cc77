-- Gives the events after a day's requests of a scenario to the requests, as far as they are known
-- by the end of $as_of. Nobody saw a shadow's answer, so nothing follows it; a pinned one is a test,
-- and gets only what names it. Nothing comes of a request that failed or whose client had gone: what
-- followed it is given to the answer before.
insert into outcomes by name
with requests as (
    select request_id, user_id, occurred_at, pinned
    from served_requests
    where
        scenario = $scenario
        and occurred_at >= $day::date
        and occurred_at < $day::date + 1
        and shadow_of is null
        and error is null
        and not client_gone
),
followed as (
    select *
    from stg_events
    where occurred_at >= $day::date and occurred_at < $as_of::date + 1 and user_id is not null
),
named as (
    select requests.request_id, followed.* exclude (request_id)
    from followed
    join requests using (request_id)
),
asked as (
    select request_id, user_id, occurred_at
    from requests
    where not pinned
    union all by name
    -- The next day's requests, staged or not: what followed them is not this day's.
    select request_id, user_id, occurred_at
    from served_lines
    where
        scenario = $scenario
        and occurred_at >= $day::date + 1
        and occurred_at < $day::date + 2
        and shadow_of is null
        and pinned is not true
        and error is null
        and client_gone is not true
),
guessed as (
    select asked.request_id, followed.* exclude (request_id)
    from (select * from followed where request_id is null) as followed
    asof join asked
        on followed.user_id = asked.user_id and followed.occurred_at >= asked.occurred_at
    where
        followed.occurred_at < asked.occurred_at + interval 1 day
        and asked.occurred_at < $day::date + 1
),
given as (
    from named
    union all by name
    from guessed
)
select request_id, event_id, event_type, product_id, occurred_at, quantity, price
from given
order by occurred_at, event_id;
