-- Since when versions of the online state and of indexes have been served.
-- Grain: one row a scenario, kind and version. Key: all three.
create table if not exists versions_seen (
    scenario varchar not null,
    kind varchar not null,          -- state or index
    version varchar not null,
    first_day date not null,        -- UTC
    primary key (scenario, kind, version)
);
