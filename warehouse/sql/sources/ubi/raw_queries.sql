-- One drop a day.
insert into raw_queries by name
select
    $source as source,
    strftime(timestamp, '%Y-%m-%d') as batch,
    row_number() over (partition by timestamp::date order by queries) - 1 as row_number,
    query_id as request_id,
    user_query as query,
    timestamp as occurred_at,
    client_id as user_id,
    query_response_hit_ids as hits
from ubi_queries($queries) as queries
where timestamp is not null and ($day is null or timestamp::date = $day::date);
