-- What shoppers did, clean: quarantined rows left out, each event once.
-- Grain: one row an event. Key: event_id.
create table if not exists stg_events (
    event_id varchar not null,
    event_type varchar not null,
    occurred_at timestamp not null,
    logged_at timestamp not null,
    user_id varchar,
    session_id varchar,
    product_id varchar not null,
    quantity double,
    price double,
    discount double,
    store_id varchar,
    request_id varchar,
    source varchar not null,
    "rank" integer                  -- at which the ranking showed the product, from 1
);
