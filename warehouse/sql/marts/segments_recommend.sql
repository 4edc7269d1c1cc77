-- Segments of queries, of products, and of pairs of the two, as they stood at a cut.
-- A null query_id or product_id stands for every one; `belongs` is false for an exception to that.
-- Heads, torsos and tails hold a third of all purchases each; light, medium and heavy users are a
-- third of the users with a history each; repeat products are those the user has bought before.
-- Grain: one row a segment and what (not) belongs to it. Key: (segment, query_id, product_id).
create or replace temp table segments as
with purchases as (
    select events.user_id, events.product_id, events.session_id
    from stg_events as events
    semi join stg_products as products
        on events.product_id = products.product_id and products.recommendable
    where
        events.event_type = 'purchase'
        and events.user_id is not null
        and events.occurred_at < $cut
),
users as (
    select user_id, ntile(3) over (order by count(distinct session_id), user_id) as tercile
    from purchases
    group by user_id
),
bought as (
    select
        product_id,
        sum(count(*)) over (order by count(*) desc, product_id) / sum(count(*)) over () as up_to_here
    from purchases
    group by product_id
),
pairs as (
    select distinct user_id, product_id from purchases
)
select 'all' as segment, null::varchar as query_id, null::varchar as product_id, true as belongs
union all
select ['light', 'medium', 'heavy'][tercile], user_id, null, true
from users
union all
select
    case when up_to_here <= 1 / 3 then 'head' when up_to_here <= 2 / 3 then 'torso' else 'tail' end,
    null,
    product_id,
    true
from bought
union all
select 'new', null, product_id, true
from stg_products
where recommendable and product_id not in (select product_id from bought)
union all
select 'repeat', user_id, product_id, true
from pairs
union all
select 'first_time', null, null, true
union all
select 'first_time', user_id, product_id, false
from pairs;
