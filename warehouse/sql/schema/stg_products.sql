-- The catalogue as everything downstream reads it.
-- Grain: one row a product. Key: product_id.
create table if not exists stg_products (
    product_id varchar not null,
    text varchar not null,          -- what the text encoder reads
    title varchar,
    brand varchar,
    department varchar,
    category varchar,
    product_type varchar,
    size varchar,
    supplier_id varchar,
    price double,
    recommendable boolean not null,
    description varchar,            -- plain text
    attributes map(varchar, varchar) not null,  -- empty where none are known
    in_stock boolean                -- null: not known, treated as in stock
);
