-- How far what was asked for, or chosen, on a day was in meaning from the same weekday of the weeks before,
-- by embeddings of samples, and whether that is more than days differ anyway.
-- Grain: one row a scenario and day. Key: both.
create table if not exists embedding_drift_values (
    scenario varchar not null,
    day date not null,                 -- UTC
    model_tag varchar not null,        -- whose embeddings they are: the champion's that answered most
    subject varchar not null,          -- query_meaning or product_meaning
    classifier_area double not null,   -- under its ROC curve: 1/2 where it tells nothing apart
    classifier_p double not null,      -- how often chance alone comes to as much, by permutation
    mmd double not null,               -- the maximum mean discrepancy, as a distance
    mmd_p double not null,             -- as classifier_p
    beyond double not null,            -- how much further in mmd than earlier days, as squares go
    n bigint not null,                 -- vectors
    n_reference bigint not null,
    n_days integer not null,           -- of the reference
    p_value double,                    -- against earlier days; null: too few, to know how much days do
    q_value double,                    -- among all tests of the night (Benjamini and Hochberg)
    drifted boolean not null,
    primary key (scenario, day)
);
