-- The segments in which a day's judged rankings come to other metrics than as a whole: those of the
-- products, and of pairs of users and products: `repeat` is what the user had bought before the day,
-- `first_time` what not. They are named as in an offline evaluation. A null query_id or product_id
-- stands for every one; `belongs` is false for an exception to that.
-- Grain: one row a segment and what (not) belongs to it. Key: (segment, query_id, product_id).
create or replace temp table segments as
with pairs as (
    select query_id, product_id from run
    union
    select query_id, product_id from judgments
),
repeats as (
    select pairs.query_id, pairs.product_id
    from pairs
    join day_answers as answers on pairs.query_id = answers.request_id
    semi join stg_events as events
        on
            answers.user_id = events.user_id
            and pairs.product_id = events.product_id
            and events.event_type = 'purchase'
            and events.occurred_at < $day::date
)
select 'all' as segment, null::varchar as query_id, null::varchar as product_id, true as belongs
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
