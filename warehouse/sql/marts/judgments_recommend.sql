-- What users with a history bought in the days after a cut: the truth of the offline evaluation.
-- Grain: one row a user and product. Key: (query_id, product_id). A query is a user.
create or replace temp table judgments as
with purchases as (
    select events.user_id, events.product_id, events.occurred_at
    from stg_events as events
    semi join stg_products as products
        on events.product_id = products.product_id and products.recommendable
    where events.event_type = 'purchase' and events.user_id is not null
)
select distinct user_id as query_id, product_id, 1.0::double as gain
from purchases
where
    occurred_at >= $cut
    and occurred_at < $cut + to_days($days)
    and user_id in (select user_id from purchases where occurred_at < $cut);
