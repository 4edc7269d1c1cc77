-- What the baselines may know: purchases of recommendable products before a cut.
-- Grain: one row a purchased line.
create or replace temp table purchases_before as
select events.user_id, events.session_id, events.product_id, events.occurred_at
from stg_events as events
semi join stg_products as products
    on events.product_id = products.product_id and products.recommendable
where
    events.event_type = 'purchase'
    and events.user_id is not null
    and events.occurred_at < $cut;
