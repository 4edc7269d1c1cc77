-- Days that events have come for, and since which nights are to be measured (again).
-- Grain: one row a scenario and day. Key: both.
create table if not exists nights_due (
    scenario varchar not null,
    day date not null,
    primary key (scenario, day)
);
