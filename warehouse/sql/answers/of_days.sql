-- A scenario's answers of the days from $first to $last that are part of its metrics. Left out are
-- tests (pinned), what nobody was shown because it failed or its client had gone, and the answers to
-- robots. A shadow's were not seen. With $since only those that something followed after that day, up
-- to the end of $as_of. Of those who say not who they are, each request is somebody else's.
-- Grain: one row an answer. Key: answer, and request_id.
create or replace temp table day_answers as
with asked as (
    select rowid as answer, occurred_at::date as served_date, *
    from served_requests
    where
        scenario = $scenario
        and occurred_at >= $first::date
        and occurred_at < $last::date + 1
        and not pinned
        and error is null
        and not client_gone
        and (
            $since is null
            or coalesce(shadow_of, request_id) in (
                select request_id
                from outcomes
                where occurred_at >= $since::date + 1 and occurred_at < $as_of::date + 1
            )
        )
),
people as (
    from asked
    anti join robots using (scenario, served_date, user_id)
),
contexts as (
    from context_segments
    where scenario = $scenario and served_date between $first::date and $last::date
),
activities as (
    from user_activities
    where scenario = $scenario and served_date between $first::date and $last::date
)
select
    answer,
    people.served_date,
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
left join activities
    on people.served_date = activities.served_date and people.user_id = activities.user_id
left join contexts as stores
    on
        stores.kind = 'store_id'
        and people.served_date = stores.served_date
        and people.store_id = stores.value
left join contexts as countries
    on
        countries.kind = 'country'
        and people.served_date = countries.served_date
        and people.country = countries.value
left join contexts as devices
    on
        devices.kind = 'device'
        and people.served_date = devices.served_date
        and people.device = devices.value;
