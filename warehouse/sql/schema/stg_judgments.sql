-- How well products answer queries, clean.
-- Grain: one row a query, product and kind of judge. Key: (query_id, product_id, source).
create table if not exists stg_judgments (
    query_id varchar not null,      -- the query, trimmed, its inner white space single; case kept
    query varchar not null,         -- as typed
    product_id varchar not null,
    grade double,
    gain double not null,
    source varchar not null,        -- the source's name; catalogue or clicks where derived
    weak boolean not null,          -- derived, not judged by people
    locale varchar
);
