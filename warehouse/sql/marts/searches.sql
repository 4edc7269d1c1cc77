-- What a replay searches for on a day, and the purchases that come of it. The shop's own queries,
-- where it has them. Else every sixteenth shopper looks for one of the things that they bought, in
-- words that the catalogue answers; and where nobody bought anything, a fourteenth of the judged
-- queries is asked. None but the shop's own are queries that a model has learnt from.
-- Grain: one row a search. Key: (user_id, query, arrived_at).
with known as (
    select query_id, product_id, max(gain) as gain
    from stg_judgments
    where held_out(query_id)
    group by query_id, product_id
),
answers as (
    from known
    qualify gain > 0 and gain = max(gain) over (partition by query_id)
),
bought as (
    select user_id, product_id, event_id, occurred_at
    from stg_events
    where
        event_type = 'purchase'
        and occurred_at >= $day::date
        and occurred_at < $day::date + 1
        and md5_number_lower(user_id || $day::varchar) % 16 = 0
),
looked_for as (
    select
        user_id,
        query_id as query,
        min(occurred_at) as arrived_at,
        list(event_id order by event_id) as events
    from bought
    join answers using (product_id)
    group by user_id, query_id
    qualify row_number() over (partition by user_id order by md5(user_id || query_id)) = 1
),
own as (
    select user_id, query_id as query, occurred_at as arrived_at, []::varchar[] as events
    from stg_queries
    where occurred_at >= $day::date and occurred_at < $day::date + 1
),
judged as (
    select distinct
        null::varchar as user_id,
        query_id as query,
        $day::date + interval 12 hour as arrived_at,
        []::varchar[] as events
    from known
    where md5_number_upper(query_id) % 14 = epoch($day::date) // 86400 % 14
)
from own
union all by name
from looked_for
where not exists (from stg_queries)
union all by name
from judged
where not exists (from stg_queries) and not exists (from stg_events)
order by arrived_at, user_id, query;
