-- How old a day's requests were when it ended: all that delay curves and maturities need of requests
-- nothing followed. Tests (pinned), and what nobody was shown because it failed or its client had
-- gone, are left out.
-- Grain: one row a scenario, day, model, variant and age. Key: all five.
create table if not exists request_ages (
    scenario varchar not null,
    served_date date not null,      -- UTC
    model_tag varchar not null,
    variant varchar not null,
    age bigint not null,            -- at the end of the day: seconds, in steps of a minute
    n bigint not null,
    n_shown bigint not null,        -- of them those that people saw: no shadow's
    primary key (scenario, served_date, model_tag, variant, age)
);
