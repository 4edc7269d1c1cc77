-- What went wrong or changed, told once: findings of neighbouring days about the same cause.
-- Grain: one row an incident. Key: incident_id.
create table if not exists incidents (
    incident_id varchar not null,
    scenario varchar not null,
    cause varchar not null,         -- a label of flows/policies/causes.py
    severity varchar not null,      -- notice, warning or critical
    first_day date not null,        -- UTC
    last_day date not null,         -- that told of it
    ended_on date,                  -- the day it was over; null: open
    ended_by varchar,               -- what ended it, where that is known
    clause varchar not null,        -- what was seen on its worst day
    metric varchar,                 -- that lost most on it; null: none of quality left its band
    loss double not null,           -- of that metric, relative
    sentence varchar not null
);
