-- The logs bring no catalogue: a day's answers and events name the products, the events perhaps
-- their titles.
insert into raw_products by name
with named as (
    select
        timestamp::timestamp::date as day,
        event_attributes.object.object_id as product_id,
        coalesce(
            event_attributes.object.title,
            event_attributes.object.name,
            event_attributes.object.description
        ) as title
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
    where
        lower(action_name) in ('add_to_cart', 'click', 'click_through', 'impression', 'purchase')
    union all
    select timestamp::timestamp::date as day, unnest(query_response_hit_ids) as product_id, null as title
    from read_json(
        $queries,
        format = 'newline_delimited',
        columns = {
            'query_id': 'varchar',
            'client_id': 'varchar',
            'user_query': 'varchar',
            'timestamp': 'timestamptz',
            'query_response_hit_ids': 'varchar[]'
        }
    )
),
daily as (
    select day, product_id, mode(title) as title
    from named
    where day is not null and product_id is not null and ($day is null or day = $day::date)
    group by day, product_id
)
select
    $source as source,
    strftime(day, '%Y-%m-%d') as batch,
    row_number() over (partition by day order by product_id) - 1 as row_number,
    product_id,
    title,
    true as recommendable
from daily;
