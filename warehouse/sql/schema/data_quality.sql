-- What data itself shows, whatever is made of it: one of these moves where a feed, a client or a service
-- breaks. docs/incidents.md says what each measure is.
-- Grain: one row a scenario, day, measure and part. Key: all four.
create table if not exists data_quality (
    scenario varchar not null,      -- shop: of its events, which no scenario owns
    day date not null,              -- UTC, of occurred_at
    measure varchar not null,
    part varchar not null,          -- a field, an event type or a store; all: of everything
    value double not null,
    n bigint not null               -- requests, people or products that it is about; of shares of events their weight
);
