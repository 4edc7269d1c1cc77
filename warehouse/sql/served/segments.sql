-- The segments of users and products, as segments of a day's requests and products.
-- Grain: one row a segment and what (not) belongs to it. Key: (segment, query_id, product_id).
create or replace temp table segments as
select segments.segment, requests.request_id as query_id, segments.product_id, segments.belongs
from segments
join served_requests as requests
    on segments.query_id = coalesce(requests.query, requests.user_id)
where
    requests.scenario = $scenario
    and requests.occurred_at >= $day::date
    and requests.occurred_at < $day::date + 1
union all
from segments
where query_id is null;
