-- How many queries an evaluation can measure: those that a product answers.
-- Grain: one row.
select count(distinct query_id) as queries
from judgments
where gain > 0;
