-- What shoppers did, as the source gives it, mapped to common names.
-- Grain: one row a line of the source's events. Key: (source, batch, row_number).
create table if not exists raw_events (
    source varchar not null,
    batch varchar not null,         -- the drop that brought the row; loading it again replaces it
    row_number bigint not null,     -- the row's place in its drop, from 0
    event_id varchar,
    event_type varchar,             -- impression, click, add_to_cart, purchase, redemption, return
    occurred_at timestamp,          -- UTC
    logged_at timestamp,            -- UTC
    user_id varchar,                -- null: an anonymous basket
    session_id varchar,             -- the basket or visit
    product_id varchar,
    quantity double,                -- units; positive for a return too
    price double,                   -- paid for one unit after discounts, in the shop's currency
    discount double,                -- taken off the shelf price of one unit; null: not known
    store_id varchar,
    request_id varchar,             -- the served ranking that the shopper answered, where known
    "rank" integer                  -- at which the product was shown there, from 1, where known
);
