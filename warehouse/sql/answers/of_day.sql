-- A scenario's answers of a day that are part of its metrics. Left out are tests (pinned), what nobody
-- was shown because it failed or its client had gone, and the answers to robots: whoever clicked on
-- the day nine in ten of at least 50 products that they were shown, as no person does. A shadow's were
-- not seen. With $since only those that something followed after that day, up to the end of $as_of. Of
-- what callers say of stores, countries and devices the twenty that most requests name are segments.
-- Of those who say not who they are, each request is somebody else's.
-- Grain: one row an answer. Key: answer, and request_id.
create or replace temp table day_answers as
with asked as (
    select rowid as answer, *
    from served_requests
    where
        scenario = $scenario
        and occurred_at >= $day::date
        and occurred_at < $day::date + 1
        and not pinned
        and error is null
        and not client_gone
),
seen as (
    select request_id, user_id from asked where shadow_of is null
),
eager as (
    select user_id, count(distinct (outcomes.request_id, product_id)) as n_clicked
    from outcomes
    join seen using (request_id)
    where
        event_type = 'click'
        and occurred_at >= $day::date
        and occurred_at < $day::date + 1
    group by user_id
    having n_clicked >= 45
),
robots as (
    select user_id
    from served_candidates
    join seen using (request_id)
    join eager using (user_id)
    where served_date = $day::date and shown
    group by user_id, n_clicked
    having count(*) >= 50 and n_clicked >= 0.9 * count(*)
),
people as (
    from asked
    anti join robots using (user_id)
),
named as (
    select kind, value
    from (unpivot people on store_id, country, device into name kind value value)
    group by kind, value
    qualify row_number() over (partition by kind order by count(*) desc, value) <= 20
)
select
    answer,
    request_id,
    people.user_id,
    user_bucket(people.user_id, request_id) as bucket,
    occurred_at,
    query,
    model_tag,
    variant,
    degraded,
    interleaved_with,
    shadow_of,
    shadow_of is null as seen,
    list_filter(
        [
            'all',
            hour_segment(hour(occurred_at)),
            activities.activity,
            'query=' || query_frequency,
            'store=' || stores.value,
            'country=' || countries.value,
            'device=' || devices.value
        ],
        lambda segment: segment is not null
    ) as segments
from people
left join user_activities as activities
    on
        activities.scenario = $scenario
        and activities.served_date = $day::date
        and people.user_id = activities.user_id
left join named as stores on stores.kind = 'store_id' and people.store_id = stores.value
left join named as countries on countries.kind = 'country' and people.country = countries.value
left join named as devices on devices.kind = 'device' and people.device = devices.value
where
    $since is null
    or coalesce(shadow_of, request_id) in (
        select request_id
        from outcomes
        where occurred_at >= $since::date + 1 and occurred_at < $as_of::date + 1
    );
