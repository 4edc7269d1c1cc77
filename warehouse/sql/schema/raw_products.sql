-- The catalogue as the source gives it, mapped to common names.
-- Grain: one row a line of the source's catalogue. Key: (source, batch, row_number).
create table if not exists raw_products (
    source varchar not null,
    batch varchar not null,         -- the drop that brought the row; loading it again replaces it
    row_number bigint not null,     -- the row's place in its drop, from 0
    product_id varchar,
    title varchar,
    brand varchar,
    department varchar,
    category varchar,
    product_type varchar,
    size varchar,
    supplier_id varchar,
    price double,                   -- shelf price of one unit, in the shop's currency
    recommendable boolean,          -- false: neither a candidate nor a label
    description varchar,            -- may hold HTML
    attributes map(varchar, varchar),  -- names in snake_case as the source calls them
    in_stock boolean                -- null: not known
);
