-- Adds a chunk of a feedback log. `lines` (row_number, line) is the chunk, registered.
insert into raw_events by name
with parsed as (
    select
        row_number,
        json_transform(
            line,
            '{
                "event_id": "VARCHAR",
                "event_type": "VARCHAR",
                "occurred_at": "TIMESTAMP",
                "logged_at": "TIMESTAMP",
                "user_id": "VARCHAR",
                "session_id": "VARCHAR",
                "product_id": "VARCHAR",
                "quantity": "DOUBLE",
                "price": "DOUBLE",
                "discount": "DOUBLE",
                "store_id": "VARCHAR",
                "request_id": "VARCHAR"
            }'
        ) as event
    from lines
    where json_valid(line)
)
select $source as source, $batch as batch, row_number, unnest(event)
from parsed;
