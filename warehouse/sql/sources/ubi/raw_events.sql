-- One drop a day. Schema: https://o19s.github.io/ubi/schema/1.3.0/event.schema.json Events about no
-- product, such as page_exit, are left out, and so are those that no table here is about. They have
-- no identifier of their own: who did what with which answer and when names them. Nobody says how
-- many were bought: one.
insert into raw_events by name
with events as (
    select
        *,
        timestamp::timestamp as occurred_at,
        map {
            'add_to_cart': 'add_to_cart', 'click': 'click', 'click_through': 'click', 'impression': 'impression',
            'purchase': 'purchase'
        }[lower(action_name)] as event_type,
        event_attributes.object.object_id as product_id
    from read_json(
        $events,
        format = 'newline_delimited',
        columns = {
            'action_name': 'varchar',
            'query_id': 'varchar',
            'client_id': 'varchar',
            'user_id': 'varchar',
            'session_id': 'varchar',
            'timestamp': 'timestamptz',
            'event_attributes': 'struct(
                object struct(object_id varchar, name varchar, title varchar, description varchar),
                position struct(ordinal integer)
            )'
        }
    )
)
select
    $source as source,
    strftime(occurred_at, '%Y-%m-%d') as batch,
    row_number() over (partition by occurred_at::date order by events) - 1 as row_number,
    concat_ws(
        '-', coalesce(session_id, client_id), query_id, event_type, product_id, epoch_ms(occurred_at)
    ) as event_id,
    event_type,
    occurred_at,
    occurred_at as logged_at,
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
    and occurred_at is not null
    and ($day is null or occurred_at::date = $day::date);
