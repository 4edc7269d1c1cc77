-- Where the change of an incident's metric comes from: the parts of the segments of its answers, which
-- add up to it (warehouse/changes.py). No rows: the metric is none that is explained, or may not have changed.
-- Grain: one row an incident and segment. Key: (incident_id, segments).
create table if not exists incident_changes (
    incident_id varchar not null,
    metric varchar not null,
    first_day date not null,        -- UTC, of the days that are held against the weeks before
    last_day date not null,
    "before" double not null,       -- what the metric was then, and is now
    now double not null,
    low double not null,            -- 95%, of now / before - 1
    high double not null,
    segments varchar[] not null,    -- one, or two that cross; a dimension that none is of: all its others
    mix double not null,            -- of the change: that there are more or fewer of them
    rate double not null,           -- that they are better or worse
    share_error double not null,    -- standard error of both together
    weight_before double not null,  -- their share of what the metric is a mean over
    weight_now double not null,
    is_named boolean not null       -- most of the change comes from them
);
