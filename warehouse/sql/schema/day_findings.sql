-- What the signals of a day told of its causes (flows/policies/causes.py).
-- Grain: one row a scenario, day and cause. Key: all three.
create table if not exists day_findings (
    scenario varchar not null,
    day date not null,              -- UTC
    cause varchar not null,
    clause varchar not null,        -- what was seen, to stand after "where"
    headline varchar,               -- what it did to the metric that moved most; null: to none
    loss double not null            -- of that metric, relative; 0 where none fell
);
