-- Which model served when: the history of rollouts/<scenario>.json.
-- Grain: one row a change of the record. Key: (scenario, version).
create table if not exists rollouts (
    scenario varchar not null,
    version integer not null,
    champion varchar not null,
    bento_tag varchar,
    starts_on date not null,        -- UTC; it serves from the beginning of this day
    reason varchar not null,
    primary key (scenario, version)
);
