-- Which ranker was asked which query: offline, each one every query.
-- Grain: one row a ranker and query. Key: both.
create or replace temp table asked as
select ranker, query_id
from (select distinct ranker from run)
cross join (select distinct query_id from judgments);
