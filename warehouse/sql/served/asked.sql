-- Which ranker was asked which query: online, the one that answered, even with nothing, and the one
-- in its shadow.
-- Grain: one row a ranker and query. Key: both.
create or replace temp table asked as
select model_tag || ' ' || variant as ranker, query_id
from day_answers
where query_id in (select query_id from judgments);
