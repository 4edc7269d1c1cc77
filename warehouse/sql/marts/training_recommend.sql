-- What users bought before a time: the histories that the recommender learns from and answers with.
-- Every purchased product is a positive; the rest of the catalogue are its negatives, so no row is
-- spent on them. Anonymous baskets have no history and are left out.
-- Grain: one row a purchased line. Key: (user_id, occurred_at, session_id, product_id).
select
    events.user_id,
    events.session_id,
    events.product_id,
    events.occurred_at,
    events.quantity,
    events.price,
    events.discount,
    events.store_id
from stg_events as events
semi join stg_products as products
    on events.product_id = products.product_id and products.recommendable
where
    events.event_type = 'purchase'
    and events.user_id is not null
    and events.occurred_at < $as_of
order by events.user_id, events.occurred_at, events.session_id, events.product_id;
