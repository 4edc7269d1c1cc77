-- The segments of users, queries and products, as segments of a day's requests and products; all of
-- them together are a segment of their own.
-- Grain: one row a segment and what (not) belongs to it. Key: (segment, query_id, product_id).
create or replace temp table segments as
select 'all' as segment, null as query_id, null as product_id, true as belongs
union all
select segments.segment, requests.request_id as query_id, segments.product_id, segments.belongs
from segments
join served_requests as requests
    on segments.query_id = coalesce(requests.query, requests.user_id)
where
    segments.segment <> 'all'
    and requests.scenario = $scenario
    and requests.occurred_at >= $day::date
    and requests.occurred_at < $day::date + 1
union all
from segments
where segment <> 'all' and query_id is null;
