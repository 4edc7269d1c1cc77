-- Which ranker was asked which query: online, the one that answered.
-- Grain: one row a ranker and query. Key: both.
create or replace temp table asked as
select distinct ranker, query_id
from run;
