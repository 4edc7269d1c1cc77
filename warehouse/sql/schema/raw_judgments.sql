-- How well products answer queries, as the source's judges say.
-- Grain: one row a line of the source's judgments. Key: (source, batch, row_number).
create table if not exists raw_judgments (
    source varchar not null,
    batch varchar not null,
    row_number bigint not null,
    query varchar,                  -- as typed
    product_id varchar,
    grade double,                   -- on the source's own scale; null where it has words for it
    gain double,                    -- what the grade is worth: 0 and up, linear in ndcg
    locale varchar
);
