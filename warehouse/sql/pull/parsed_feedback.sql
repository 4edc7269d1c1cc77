-- A chunk of a feedback log, taken apart; `lines` (batch, row_number, byte_offset, line) is registered.
-- Whether an event makes sense is for the checks to say.
create or replace temp view parsed_lines as
with parsed as (
    select
        *,
        json_transform(
            if(json_valid(line), line, null),
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
        ) as record
    from lines
)
select
    *,
    case
        when record.event_id is not null then null
        when not json_valid(line) then 'the line is not valid JSON'
        when json_type(line) <> 'OBJECT' then 'the line is JSON, but no object'
    end as problem
from parsed;
