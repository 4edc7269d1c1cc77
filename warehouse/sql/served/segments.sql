-- The segments in which the judged rankings of $days come to other metrics than as a whole: those of the
-- products, as each day began, and of pairs of users and products: `repeat` is what the user had bought
-- before the day, `first_time` what not. They are named as in an offline evaluation. A null query_id or
-- product_id stands for every one; `belongs` is false for an exception to that. Of a single day the
-- products' segments stand for every query.
-- Grain: one row a segment and what (not) belongs to it. Key: (segment, query_id, product_id).
create or replace temp table segments as
with judged as (
    select query_id, product_id from run
    union
    select query_id, product_id from judgments
),
pairs as (
    select answers.served_date, answers.user_id, judged.query_id, judged.product_id
    from judged
    join day_answers as answers on judged.query_id = answers.query_id
),
repeats as (
    select query_id, product_id
    from pairs
    semi join stg_events as events
        on
            pairs.user_id = events.user_id
            and pairs.product_id = events.product_id
            and events.event_type = 'purchase'
            and events.occurred_at < pairs.served_date
)
select 'all' as segment, null::varchar as query_id, null::varchar as product_id, true as belongs
union all
select distinct
    unnest(catalogue.segments || [coalesce(places.place, 'new')]),
    if(len($days::date[]) = 1, null, pairs.query_id),
    pairs.product_id,
    true
from pairs
join catalogue_segments as catalogue using (product_id)
left join product_places as places using (served_date, product_id)
union all
select 'repeat', query_id, product_id, true
from repeats
union all
select 'first_time', null, null, true
union all
select 'first_time', query_id, product_id, false
from repeats;
