-- Baseline: what everybody buys most.
-- Grain: one row a query and product. Key: (ranker, query_id, product_id).
insert into run by name
select 'popularity' as ranker, query_id, product_id, popularity as score
from personal_candidates;
