-- The segments that a day's judged answers are measured in: those of the answers, those of the
-- products, and pairs of both: `repeat` is what the user had bought before the day, `first_time` what
-- not. All of them together are a segment of their own. They are named as in an offline evaluation.
-- A null query_id or product_id stands for every one; `belongs` is false for an exception to that.
-- Grain: one row a segment and what (not) belongs to it. Key: (segment, query_id, product_id).
create or replace temp table segments as
with pairs as (
    select query_id, product_id from run
    union
    select query_id, product_id from judgments
),
judged as (
    select request_id as query_id, user_id, segments
    from day_answers
    where request_id in (select query_id from judgments)
),
repeats as (
    select pairs.query_id, pairs.product_id
    from pairs
    join judged using (query_id)
    semi join stg_events as events
        on
            judged.user_id = events.user_id
            and pairs.product_id = events.product_id
            and events.event_type = 'purchase'
            and events.occurred_at < $day::date
)
select 'all' as segment, null::varchar as query_id, null::varchar as product_id, true as belongs
union all
select *
from (select unnest(segments) as segment, query_id, null, true from judged)
where segment <> 'all'
union all
select unnest(segments), null, product_id, true
from product_facts
semi join pairs using (product_id)
union all
select 'repeat', query_id, product_id, true
from repeats
union all
select 'first_time', null, null, true
union all
select 'first_time', query_id, product_id, false
from repeats;
