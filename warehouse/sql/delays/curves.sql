-- A scenario's delay curves as of a day.
-- Grain: one row an event type and delay. Key: both.
select event_type, delay, survival, coalesce(variance, 0) as variance
from delay_curves
where scenario = $scenario and as_of = $as_of::date
order by event_type, delay;
