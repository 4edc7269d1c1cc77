-- Each scenario's delay curves as last learnt: older ones are many, and say how it was then.
-- Grain: one row a scenario, event type and delay. Key: all three.
select curves.*
from delay_curves as curves
semi join (
    select scenario, max(as_of) as as_of
    from delay_curves
    group by scenario
) as newest
    using (scenario, as_of)
order by scenario, event_type, delay;
