-- The first and the last day with a purchase; null where there is none.
-- Grain: one row.
select min(occurred_at)::date as first_day, max(occurred_at)::date as last_day
from stg_events
where event_type = 'purchase';
