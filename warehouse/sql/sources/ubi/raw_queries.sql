-- One drop a day. Schema: https://o19s.github.io/ubi/schema/1.3.0/query.request.schema.json
insert into raw_queries by name
with queries as (
    from read_json(
        $queries,
        format = 'newline_delimited',
        columns = {
            'query_id': 'varchar',
            'client_id': 'varchar',
            'user_query': 'varchar',
            'timestamp': 'timestamptz',
            'query_response_hit_ids': 'varchar[]'
        }
    )
)
select
    $source as source,
    strftime(timestamp::timestamp, '%Y-%m-%d') as batch,
    row_number() over (partition by timestamp::date order by queries) - 1 as row_number,
    query_id as request_id,
    user_query as query,
    timestamp::timestamp as occurred_at,
    client_id as user_id,
    query_response_hit_ids as hits
from queries
where timestamp is not null and ($day is null or timestamp::timestamp::date = $day::date);
