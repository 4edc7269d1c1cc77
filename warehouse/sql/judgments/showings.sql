-- What shoppers were shown for their queries, and whether they took it: clicked it, put it into the
-- cart, or bought it. Shown is what an impression says, and for an answer without impressions all
-- that it holds. Ranks past 50 are too rare to tell.
-- Grain: one row a query, product and rank. Key: all three.
create or replace temp table showings as
with events as (
    select
        request_id,
        product_id,
        event_type,
        coalesce(events."rank", list_position(queries.hits, events.product_id)) as "rank"
    from stg_events as events
    join stg_queries as queries using (request_id)
    where event_type in ('impression', 'click', 'add_to_cart', 'purchase')
),
answers as (
    select
        request_id,
        unnest(hits) as product_id,
        'impression' as event_type,
        generate_subscripts(hits, 1) as "rank"
    from stg_queries
    where request_id not in (select request_id from events where event_type = 'impression')
),
looks as (  -- one a request and product, however often it was seen and clicked
    select
        request_id,
        product_id,
        min("rank") as "rank",
        bool_or(event_type <> 'impression')::int as taken
    from (from events union all from answers)
    group by request_id, product_id
)
select query_id, product_id, "rank", count(*) as shown, sum(taken) as taken
from looks
join stg_queries using (request_id)
where "rank" between 1 and 50
group by query_id, product_id, "rank";
