-- What was decided, by which policy, on what evidence.
-- Grain: one row a scenario, kind of decision and day it is for. Key: (scenario, kind, as_of).
create table if not exists decisions (
    scenario varchar not null,
    kind varchar not null,          -- retrain, promote
    as_of date not null,
    action varchar not null,        -- retrain, hold, promote, keep
    reason varchar not null,        -- a sentence a person can read
    evidence varchar not null,      -- JSON: the figures the policy saw
    primary key (scenario, kind, as_of)
);
