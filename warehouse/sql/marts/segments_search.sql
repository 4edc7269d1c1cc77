-- Segments of judged queries and products. What nobody judged is left out of a ranking before it is
-- measured (condensed lists: Sakai 2007): judgments are of a pool, not of the catalogue, and a
-- product outside it is not wrong. Informative queries have both products that answer them and
-- products that do not: on the others every order of the judged products is as good.
-- Grain: one row a segment and pair that belongs to it. Key: (segment, query_id, product_id).
create or replace temp table segments as
with judged as (
    select query_id, product_id, max(gain) as gain
    from stg_judgments
    group by query_id, product_id
),
informative as (
    select query_id
    from judged
    group by query_id
    having bool_or(gain > 0) and bool_or(gain = 0)
)
select 'all' as segment, query_id, product_id, true as belongs
from judged
union all
select 'informative', judged.query_id, judged.product_id, true
from judged
semi join informative using (query_id);
