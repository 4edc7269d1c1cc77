-- What the signals of a day told of its causes (flows/policies/findings.py).
-- Grain: one row a scenario, day and cause. Key: all three.
create table if not exists day_findings (
    scenario varchar not null,
    day date not null,              -- UTC
    cause varchar not null,
    clause varchar not null,        -- what was seen, to stand after "where"
    metric varchar,                 -- that lost most on the day; null: none of quality left its band
    loss double not null            -- of that metric, relative; 0 where there is none
);
