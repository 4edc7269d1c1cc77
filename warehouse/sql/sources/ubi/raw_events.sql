-- One drop a day. Events about no product, such as page_exit, are left out, and so are those that
-- no table here is about. They have no identifier of their own: who did what with which answer and
-- when names them. Nobody says how many were bought: one.
insert into raw_events by name
with events as (
    select *, ubi_event_type(action_name) as event_type, object.object_id as product_id
    from ubi_events($events)
)
select
    $source as source,
    strftime(timestamp, '%Y-%m-%d') as batch,
    row_number() over (partition by timestamp::date order by events) - 1 as row_number,
    concat_ws(
        '-', coalesce(session_id, client_id), query_id, event_type, product_id, epoch_ms(timestamp)
    ) as event_id,
    event_type,
    timestamp as occurred_at,
    timestamp as logged_at,
    coalesce(user_id, client_id) as user_id,
    session_id,
    product_id,
    if(event_type = 'purchase', 1, null) as quantity,
    query_id as request_id,
    event_attributes.position.ordinal as "rank"
from events
where
    event_type is not null
    and product_id is not null
    and timestamp is not null
    and ($day is null or timestamp::date = $day::date);
