-- How a drifted subject was distributed on the day, and in what it was held against.
-- Grain: one row a scenario, day, model, subject, reference and bin or value. Key: all of these, which
-- nothing enforces: a day's rows are replaced together.
create table if not exists drift_distributions (
    scenario varchar not null,
    day date not null,              -- UTC
    model_tag varchar not null,     -- as in drift_values
    subject varchar not null,
    reference varchar not null,
    bin smallint,                   -- value_bin() of a number; null: the subject has values
    "value" varchar,                -- null: missing, or the subject has numbers
    n bigint not null,
    n_reference bigint not null
);
