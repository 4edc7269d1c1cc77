-- Which model served when: the history of rollouts/<scenario>.json.
-- Grain: one row a change of the record. Key: (scenario, version).
create table if not exists rollouts (
    scenario varchar not null,
    version integer not null,
    champion varchar not null,
    bento_tag varchar,
    starts_on date not null,        -- UTC; it serves from the beginning of this day
    reason varchar not null,
    beside varchar,                 -- the model beside it, if there was one
    role varchar,                   -- challenger, shadow or interleaved
    share double,                   -- of users, whom a challenger answers
    primary key (scenario, version)
);
