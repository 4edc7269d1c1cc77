-- The source's queries without how they came; of a request that was logged twice, the first line.
-- Grain: one row a request. Key: request_id.
create view if not exists stg_queries as
select
    request_id,
    trim(regexp_replace(query, '\s+', ' ', 'g')) as query_id,
    query,
    occurred_at,
    user_id,
    hits
from raw_queries
where request_id is not null and trim(query) <> ''
qualify row_number() over (partition by request_id order by source, batch, row_number) = 1;
