-- What the catalogue said of a product, whenever that changed: as nights found it.
-- Grain: one row a product and day since which it was so. Key: both.
create table if not exists catalogue_history (
    product_id varchar not null,
    since date not null,            -- UTC: the day of the night that found it
    sold boolean not null,          -- false: it was no longer in the catalogue
    title varchar,
    price double,
    brand varchar,
    category varchar
);
