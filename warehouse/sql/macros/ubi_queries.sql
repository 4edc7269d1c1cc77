-- The queries in a file (or glob of files) of UBI's log, UTC.
-- Schema: https://o19s.github.io/ubi/schema/1.3.0/query.request.schema.json
create or replace temp macro ubi_queries(path) as table (
    select * replace (timestamp::timestamp as timestamp)
    from read_json(
        path,
        format = 'newline_delimited',
        columns = {
            'query_id': 'varchar',
            'client_id': 'varchar',
            'user_query': 'varchar',
            'timestamp': 'timestamptz',
            'query_response_hit_ids': 'varchar[]'
        }
    )
);
