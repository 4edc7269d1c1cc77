-- How a day's requests, what was shown for them, what followed by its end, and the catalogue were
-- distributed: in bins that are the same on every day, so that days add up.
-- Grain: one row a scenario, day, model, subject and bin or value. Key: all of these, which nothing
-- enforces: a day's rows are replaced together.
create table if not exists drift_partials (
    scenario varchar not null,
    served_date date not null,      -- UTC
    model_tag varchar not null,     -- '' where it is about all models together
    subject varchar not null,       -- see macros/drift_subjects
    bin smallint,                   -- value_bin() of a number; null: the subject has values
    "value" varchar,                -- null: missing, or the subject has numbers
    n bigint not null,
    gain decimal(38, 15)            -- of the clicks on them, by the day's end; null: nobody clicks on such
);
