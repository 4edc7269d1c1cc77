-- Adds a registered ranking to the run.
insert into run by name
select $ranker as ranker, query_id, product_id, score
from ranking;
