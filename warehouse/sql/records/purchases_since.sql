-- How many purchases there are to learn from, and how many of them the model has not seen.
-- Grain: one row.
select
    count(*) as purchases,
    count(*) filter (where occurred_at >= $training_cut) as unseen
from stg_events
where event_type = 'purchase' and occurred_at < $as_of::date + 1;
