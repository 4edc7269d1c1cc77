-- The events in a file (or glob of files) of UBI's log, UTC.
-- Schema: https://o19s.github.io/ubi/schema/1.3.0/event.schema.json
create or replace temp macro ubi_events(path) as table (
    select
        * replace (timestamp::timestamp as timestamp),
        event_attributes.object as object
    from read_json(
        path,
        format = 'newline_delimited',
        columns = {
            'action_name': 'varchar',
            'query_id': 'varchar',
            'client_id': 'varchar',
            'user_id': 'varchar',
            'session_id': 'varchar',
            'timestamp': 'timestamptz',
            'event_attributes': 'struct(
                object struct(object_id varchar, name varchar, title varchar, description varchar),
                position struct(ordinal integer)
            )'
        }
    )
);
