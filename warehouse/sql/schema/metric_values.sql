-- What the metrics came to.
-- Grain: one row a metric, window, segment, model and day it was computed for. Key: all up to as_of.
create table if not exists metric_values (
    scenario varchar not null,
    metric varchar not null,        -- with its cutoff: ndcg@10
    "window" varchar not null,      -- day, week, offline (the days after a training cut), or cross-validation (every judged query)
    window_start date not null,     -- UTC
    segment varchar not null,
    model_tag varchar not null,
    variant varchar not null,
    as_of date not null,            -- outcomes up to the end of this day (UTC) were known
    value double,
    standard_error double,
    n bigint not null,
    maturity double,                -- the share of the outcomes that had come; null: not known
    corrected double,               -- what the value is expected to come to, where that is known
    corrected_error double,         -- the standard error of that
    primary key (scenario, metric, "window", window_start, segment, model_tag, variant, as_of)
);
