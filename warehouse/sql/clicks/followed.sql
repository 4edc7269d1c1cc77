-- What was clicked, or bought ($event_type), of a day's answers by the end of $as_of.
-- Grain: one row a request and product. Key: both.
create or replace temp table click_followed as
select distinct request_id, product_id, true as followed
from outcomes
semi join click_answers using (request_id)
where
    event_type = $event_type
    and occurred_at >= $day::date
    and occurred_at < $as_of::date + 1;
