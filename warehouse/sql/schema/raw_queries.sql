-- What shoppers searched for, as the source's log gives it.
-- Grain: one row a logged query. Key: (source, batch, row_number).
create table if not exists raw_queries (
    source varchar not null,
    batch varchar not null,
    row_number bigint not null,
    request_id varchar,             -- that events name
    query varchar,                  -- as typed
    occurred_at timestamp,          -- UTC
    user_id varchar,
    hits varchar[]                  -- the products of the answer, in the order of their ranks
);
