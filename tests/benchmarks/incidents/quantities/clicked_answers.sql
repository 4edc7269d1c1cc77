-- The share of answers that people clicked, of those who asked less than thirty times.
select sampled(clicked::int) as told
from (
    select
        requests.request_id in (
            select request_id from stg_events
            where event_type = 'click' and occurred_at::date = $day::date
        ) as clicked,
        count(*) over (partition by user_id) as n
    from served_requests as requests
    where
        scenario = $scenario
        and occurred_at::date = $day::date
        and error is null
        and not client_gone
)
where n < 30;
