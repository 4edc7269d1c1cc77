-- Rows that failed a check: kept whole, with the reason, and left out of staging.
-- Grain: one row a raw row and expectation. Key: (table_name, source, batch, row_number, expectation).
create table if not exists quarantine (
    table_name varchar not null,
    source varchar not null,
    batch varchar not null,
    row_number bigint not null,
    expectation varchar not null,
    reason varchar not null,
    row_json varchar not null
);
