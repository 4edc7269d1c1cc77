-- How far each log file has been read.
-- Grain: one row a file. Key: (kind, path).
create table if not exists pulled_files (
    kind varchar not null,          -- served or feedback
    path varchar not null,          -- relative to its log folder
    bytes bigint not null,          -- complete lines up to here are in raw_*
    lines bigint not null,
    primary key (kind, path)
);
