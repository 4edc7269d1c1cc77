-- Judged series: what a day came to, against what was expected of it. A row with a direction is an alert.
-- Grain: one row a scenario, day, metric, variant and segment. Key: all five.
create table if not exists alerts (
    scenario varchar not null,
    "day" date not null,            -- UTC, of the answers
    metric varchar not null,        -- with its cutoff: ndcg@10
    model_tag varchar not null,     -- the champion that answered most on the day; all: whoever did
    variant varchar not null,       -- champion; all: whatever was shown
    segment varchar not null,
    as_of date not null,            -- the night that judged it: the first on which it was mature
    value double not null,          -- corrected for what was still to come
    standard_error double,
    n bigint not null,
    expected double,                -- null: too few days before it to tell
    low double,                     -- what lies outside is an alert
    high double,
    score double,                   -- how far off, as a normal deviate
    direction varchar,              -- up or down; null: as expected
    primary key (scenario, "day", metric, variant, segment)
);
