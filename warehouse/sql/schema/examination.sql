-- How likely ranks are looked at, the first one being looked at always; learnt from the clicks of four
-- weeks (warehouse/examination.py). A rank at which nothing was clicked has no row.
-- Grain: one row a scenario, day it was learnt on, and rank. Key: all three.
create table if not exists examination (
    scenario varchar not null,
    as_of date not null,            -- from days whose clicks had come by its end (UTC)
    "rank" integer not null,
    probability double not null,
    standard_error double not null, -- also of what it was assumed, where ranks were not compared
    n bigint not null,              -- clicks
    primary key (scenario, as_of, "rank")
);
