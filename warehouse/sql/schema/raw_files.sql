-- The Parquet files that hold the rows of the prediction logs (warehouse/raw.py).
-- Grain: one row a file. Key: path.
create table if not exists raw_files (
    path varchar not null primary key,  -- below raw/served of the home
    source varchar not null,            -- as in raw_served
    scenario varchar not null,
    day date not null,                  -- UTC, by occurred_at
    batches varchar[] not null,         -- the log files its rows are from; not each has some
    n_rows bigint not null,
    measured boolean not null           -- its day was measured since
);
