-- Which product was promoted where and when.
-- Grain: one row a line of the source's promotions. Key: (source, batch, row_number).
create table if not exists raw_promotions (
    source varchar not null,
    batch varchar not null,
    row_number bigint not null,
    product_id varchar,
    store_id varchar,
    display_location varchar,
    mailer_location varchar,
    starts_at timestamp,            -- UTC, inclusive
    ends_at timestamp               -- UTC, exclusive
);
