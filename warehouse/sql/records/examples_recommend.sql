-- How many purchases there are to learn from, and how many of them the model has not seen.
-- Grain: one row.
select
    count(*) as examples,
    count(*) filter (where events.occurred_at >= models.training_cut) as unseen
from stg_events as events
join models on models.model_tag = $model_tag
where events.event_type = 'purchase' and events.occurred_at < $as_of::date + 1;
