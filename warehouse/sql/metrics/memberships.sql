-- Which of the pairs of a query and a product belong to which segment that names products: those of
-- queries with a positive, since no others are measured.
-- Grain: one row a segment, query and product. Key: all three.
create or replace temp table memberships as
with cut as (
    select * from segments
    semi join cut_segments using (segment)
),
wanted as (
    select query_id, product_id
    from judgments
    where gain > 0 and exists (select 1 from cut_segments)
),
pairs as (
    select query_id, product_id
    from run
    where query_id in (select query_id from wanted)
    union
    from wanted
),
included as (
    select cut.segment, pairs.query_id, pairs.product_id
    from pairs
    cross join (select segment from cut where query_id is null and product_id is null) as cut
    union all
    select cut.segment, pairs.query_id, pairs.product_id
    from pairs
    join cut on pairs.query_id = cut.query_id
    where cut.product_id is null
    union all
    select cut.segment, pairs.query_id, pairs.product_id
    from pairs
    join cut on pairs.product_id = cut.product_id
    where cut.query_id is null
    union all
    select cut.segment, pairs.query_id, pairs.product_id
    from pairs
    join cut on pairs.query_id = cut.query_id and pairs.product_id = cut.product_id
    where cut.belongs
)
select included.*
from included
anti join (from cut where not belongs) as exceptions
    on
        included.segment = exceptions.segment
        and included.query_id = exceptions.query_id
        and included.product_id = exceptions.product_id;
