-- Up to when clicks and purchases that followed a day's answers were counted.
-- Grain: one row an event type that was.
select 'click' as event_type, max(as_of) as as_of
from click_partials
where scenario = $scenario and served_date = $day::date
having as_of is not null
union all
select 'purchase', max(as_of) as as_of
from answer_partials
where scenario = $scenario and served_date = $day::date
having as_of is not null;
