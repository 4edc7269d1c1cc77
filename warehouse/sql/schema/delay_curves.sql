-- How long after requests the first event of a type follows: Kaplan-Meier over the requests of the
-- eight weeks up to the end of `as_of` that an answer was shown for, each observed from its moment
-- to the end of `as_of` or of the type's attribution window. A row where events happened, and one
-- where the last request leaves; nothing is known of longer delays than that.
-- Grain: one row a scenario, event type, day it was computed for, and delay. Key: all four.
create table if not exists delay_curves (
    scenario varchar not null,
    event_type varchar not null,
    as_of date not null,
    delay bigint not null,          -- seconds, in steps of a minute, after a day of an hour
    n_at_risk bigint not null,      -- requests observed for so long without an event before
    n_events bigint not null,       -- of them those that it then followed
    survival double not null,       -- the share of requests that it has not followed by then
    variance double,                -- Greenwood's sum: of survival, divided by its square
    primary key (scenario, event_type, as_of, delay)
);
