-- How long after a day's requests the first event of a type followed, and on which day: all that
-- delay curves need of requests that something followed. Those that `request_ages` counts as shown.
-- Grain: one row a scenario, day of the request, its age when that day ended, event type, delay, and
-- day of the event. Key: all six.
create table if not exists first_events (
    scenario varchar not null,
    served_date date not null,      -- UTC
    age bigint not null,            -- seconds, in steps of an hour: on later days ages count in hours
    event_type varchar not null,
    delay bigint not null,          -- seconds, in steps of a minute, after a day of an hour
    occurred_date date not null,    -- UTC
    n bigint not null
);
