-- What of a day is embedded: a sample of what people asked for, or chose. Kept, as later days are
-- held against it.
-- Grain: one row a scenario, day and place in the sample. Key: all three.
create table if not exists embedding_samples (
    scenario varchar not null,
    day date not null,                 -- UTC
    place integer not null,            -- from 1, in a random order that is always the same
    asked varchar not null,            -- a query, or a product_id
    primary key (scenario, day, place)
);
