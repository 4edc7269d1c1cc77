-- A scenario's answers of a day that are part of its metrics: tests (pinned), and what nobody was
-- shown because it failed or its client had gone, and robots are left out. A shadow's were not seen. With $since
-- only those that something followed after that day, up to the end of $as_of. Of what callers say of
-- stores, countries and devices the twenty that most requests name are segments. Of those who say not
-- who they are, each request is somebody else's.
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
        and user_id not in (from robots)
),
named as (
    select kind, value
    from (unpivot asked on store_id, country, device into name kind value value)
    group by kind, value
    qualify row_number() over (partition by kind order by count(*) desc, value) <= 20
)
select
    answer,
    request_id,
    asked.user_id,
    user_bucket(asked.user_id, request_id) as bucket,
    occurred_at,
    query,
    model_tag,
    variant,
    shadow_of,
    shadow_of is null as seen,
    list_filter(
        [
            'all',
            strftime(occurred_at, 'hour=%H'),
            activities.activity,
            'query=' || query_frequency,
            'store=' || stores.value,
            'country=' || countries.value,
            'device=' || devices.value
        ],
        lambda segment: segment is not null
    ) as segments
from asked
left join user_activities as activities
    on
        activities.scenario = $scenario
        and activities.served_date = $day::date
        and asked.user_id = activities.user_id
left join named as stores on stores.kind = 'store_id' and asked.store_id = stores.value
left join named as countries on countries.kind = 'country' and asked.country = countries.value
left join named as devices on devices.kind = 'device' and asked.device = devices.value
where
    $since is null
    or coalesce(shadow_of, request_id) in (
        select request_id
        from outcomes
        where occurred_at >= $since::date + 1 and occurred_at < $as_of::date + 1
    );
