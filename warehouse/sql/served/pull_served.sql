-- Adds a chunk of a prediction log. `lines` (row_number, line) is the chunk, registered.
insert into raw_served by name
with parsed as (
    select
        row_number,
        json_transform(
            line,
            '{
                "log_version": "INTEGER",
                "request_id": "VARCHAR",
                "scenario": "VARCHAR",
                "occurred_at": "TIMESTAMP",
                "logged_at": "TIMESTAMP",
                "user_id": "VARCHAR",
                "session": ["VARCHAR"],
                "exclude": ["VARCHAR"],
                "limit": "INTEGER",
                "context": "VARCHAR",
                "model_tag": "VARCHAR",
                "bento_tag": "VARCHAR",
                "variant": "VARCHAR",
                "policy": "VARCHAR",
                "state_version": "VARCHAR",
                "backend": "VARCHAR",
                "precision": "VARCHAR",
                "n_scored": "INTEGER",
                "n_read": "INTEGER",
                "degraded": "BOOLEAN",
                "recent": [{
                    "event_id": "VARCHAR",
                    "event_type": "VARCHAR",
                    "product_id": "VARCHAR",
                    "occurred_at": "TIMESTAMP",
                    "quantity": "DOUBLE",
                    "price": "DOUBLE",
                    "discount": "DOUBLE",
                    "store_id": "VARCHAR"
                }],
                "candidates": [{
                    "product_id": "VARCHAR",
                    "rank": "INTEGER",
                    "score": "DOUBLE",
                    "propensity": "DOUBLE",
                    "stage": "VARCHAR",
                    "variant": "VARCHAR"
                }],
                "timings_ms": {
                    "retrieve": "DOUBLE",
                    "features": "DOUBLE",
                    "queue": "DOUBLE",
                    "score": "DOUBLE",
                    "total": "DOUBLE"
                },
                "error": "VARCHAR",
                "query": "VARCHAR",
                "offset": "INTEGER",
                "asked": "VARCHAR",
                "understood": "VARCHAR",
                "index_version": "VARCHAR",
                "deadline_ms": "DOUBLE",
                "client_gone": "BOOLEAN",
                "pinned": "BOOLEAN",
                "shadow_of": "VARCHAR",
                "interleaved_with": "VARCHAR"
            }'
        ) as record
    from lines
    where json_valid(line)
)
select $source as source, $batch as batch, row_number, unnest(record)
from parsed;
