-- How old a day's requests were when it ended: all that delay curves need of requests that nothing
-- followed. Shadows, tests (pinned), and what nobody was shown because it failed or its client had
-- gone, are left out.
-- Grain: one row a scenario, day and age. Key: all three.
create table if not exists request_ages (
    scenario varchar not null,
    served_date date not null,      -- UTC
    age bigint not null,            -- at the end of the day: seconds, in steps of a minute
    n bigint not null,
    primary key (scenario, served_date, age)
);
