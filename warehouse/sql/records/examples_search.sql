-- How many judged pairs there are to learn from, and by how many they have grown since the model
-- learnt: judgments say what is so, not when, and have no time to tell new ones by.
-- Grain: one row.
with known as (
    select count(distinct (query_id, product_id)) as examples
    from stg_judgments
    where not held_out(query_id)
)
select
    known.examples,
    greatest(known.examples - (models.metrics->>'judgments')::double::bigint, 0) as unseen
from known
cross join models
where models.model_tag = $model_tag;
