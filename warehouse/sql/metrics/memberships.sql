-- Which of the ranked or judged pairs belong to which segment.
-- Grain: one row a segment, query and product. Key: all three.
create or replace temp table memberships as
with pairs as (
    select query_id, product_id from run
    union
    select query_id, product_id from judgments
),
included as (
    select segment, pairs.query_id, pairs.product_id
    from pairs
    cross join (select segment from segments where query_id is null and product_id is null)
    union all
    select segment, pairs.query_id, pairs.product_id
    from pairs
    join segments on pairs.query_id = segments.query_id
    where segments.product_id is null
    union all
    select segment, pairs.query_id, pairs.product_id
    from pairs
    join segments on pairs.product_id = segments.product_id
    where segments.query_id is null
    union all
    select segment, pairs.query_id, pairs.product_id
    from pairs
    join segments on pairs.query_id = segments.query_id and pairs.product_id = segments.product_id
    where segments.belongs
)
select included.*
from included
anti join (from segments where not belongs) as exceptions
    on
        included.segment = exceptions.segment
        and included.query_id = exceptions.query_id
        and included.product_id = exceptions.product_id;
