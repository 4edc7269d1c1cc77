-- How long each event type counts as an outcome.
-- Grain: one row an event type. Key: event_type.
select event_type, named_days
from attribution_windows();
