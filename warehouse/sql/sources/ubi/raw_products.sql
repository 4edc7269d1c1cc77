-- The logs bring no catalogue: a day's answers and events name the products, the events perhaps
-- their titles.
insert into raw_products by name
with named as (
    select
        timestamp::date as day,
        object.object_id as product_id,
        coalesce(object.title, object.name, object.description) as title
    from ubi_events($events)
    where ubi_event_type(action_name) is not null
    union all
    select timestamp::date as day, unnest(query_response_hit_ids) as product_id, null as title
    from ubi_queries($queries)
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
