-- In which share of all stores a product is in the mailer: small enough to be read every night.
-- Grain: one row a span of promotions and product in the mailer. Key: (starts_at, ends_at, product_id).
create table if not exists mailer_weeks (
    starts_at timestamp not null,   -- UTC, inclusive
    ends_at timestamp not null,     -- UTC, exclusive
    product_id varchar not null,
    share float not null
);
