-- Rows that failed a check, and lines of logs that became no row: kept with the reason, and left out
-- of staging.
-- Grain: one row a raw row (or line) and expectation. Key: (table_name, source, batch, row_number,
-- expectation).
create table if not exists quarantine (
    table_name varchar not null,
    source varchar not null,
    batch varchar not null,
    row_number bigint not null,
    expectation varchar not null,
    reason varchar not null,
    row_json varchar not null,
    byte_offset bigint,             -- of a line: where it begins in its file
    n_rows bigint default 1         -- for so many it stands: of many bad lines one is kept for all
);
