-- How many queries the judgments of an evaluation are about.
-- Grain: one row.
select count(distinct query_id) as queries from judgments;
