-- What of callers' stores, countries and devices is a segment of a day.
-- Grain: one row a scenario, day, kind and value. Key: all four.
create table if not exists context_segments (
    scenario varchar not null,
    served_date date not null,      -- UTC
    kind varchar not null,          -- store_id, country or device
    value varchar not null
);
