-- How far each log file has been read, and how far what was read has passed its checks.
-- Grain: one row a file. Key: (kind, source, path).
create table if not exists pulled_files (
    kind varchar not null,          -- served or feedback
    source varchar not null,        -- as in raw_*: the scenario's name, or feedback
    path varchar not null,          -- relative to its log folder
    bytes bigint not null,          -- complete lines up to here are in raw_*
    lines bigint not null,
    checked_lines bigint not null,  -- the lines after these were not checked yet
    primary key (kind, source, path)
);
