-- Which model served when: the history of rollouts/<scenario>.json.
-- Grain: one row a change of the record. Key: (scenario, version).
create table if not exists rollouts (
    scenario varchar not null,
    version integer not null,
    champion varchar not null,
    bento_tag varchar,
    starts_at timestamp not null,   -- UTC
    reason varchar not null,
    primary key (scenario, version)
);
