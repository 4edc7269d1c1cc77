-- Segments of queries. Informative ones have both products that answer them and products that do
-- not: on the others every order of the judged products is as good.
-- A null query_id or product_id stands for every one; `belongs` is false for an exception to that.
-- Grain: one row a segment and what (not) belongs to it. Key: (segment, query_id, product_id).
create or replace temp table segments as
select 'all' as segment, null::varchar as query_id, null::varchar as product_id, true as belongs
union all
select 'informative', query_id, null, true
from stg_judgments
group by query_id
having bool_or(gain > 0) and bool_or(gain = 0);
