-- Batches of raw_events that were loaded and have not passed their check: they are not staged.
-- Grain: one row a batch of a source. Key: (source, batch).
create table if not exists unchecked_batches (
    source varchar not null,
    batch varchar not null,
    primary key (source, batch)
);
