-- What the search models may learn from: judgments of queries that are not kept for the test. Of
-- people's and a derived judgment of the same pair, people's.
-- Grain: one row a query and product. Key: (query_id, product_id).
select
    query_id,
    product_id,
    first(gain order by weak, source) as gain,
    bool_and(weak) as weak
from stg_judgments
where not held_out(query_id)
group by query_id, product_id
order by query_id, product_id;
