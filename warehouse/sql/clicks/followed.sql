-- What was clicked and bought of a day's answers by the end of $as_of.
-- Grain: one row a request and product. Key: both.
create or replace temp table click_followed as
select
    request_id,
    product_id,
    bool_or(event_type = 'click') as clicked,
    bool_or(event_type = 'purchase') as bought
from outcomes
semi join click_answers using (request_id)
where
    event_type in ('click', 'purchase')
    and occurred_at >= $day::date
    and occurred_at < $as_of::date + 1
group by request_id, product_id;
