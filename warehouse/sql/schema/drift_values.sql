-- How far each day was from others, and whether that is more than days differ anyway.
-- Grain: one row a scenario, day, model, subject and reference. Key: all five.
create table if not exists drift_values (
    scenario varchar not null,
    day date not null,              -- UTC
    model_tag varchar not null,     -- '' where it is about all models together
    subject varchar not null,
    reference varchar not null,     -- weeks: the same weekday before; training: before the model's cut
    psi double not null,
    jensen_shannon double not null, -- the distance, in roots of bits
    ks double,                      -- null: values, which have no order
    wasserstein double,             -- likewise
    chi_square double not null,
    new_share double not null,      -- in bins and values that the reference has nothing in
    missing_share double not null,
    missing_share_then double not null,
    n bigint not null,
    n_reference bigint not null,
    n_days integer not null,        -- of the reference
    p_value double,                 -- null: nothing differs, or too few earlier days to know how much days do
    q_value double,                 -- among all tests of the night (Benjamini and Hochberg)
    effect double,                  -- on the gain of clicks, as a share of it; null: nobody clicks on such
    drifted boolean not null,
    primary key (scenario, day, model_tag, subject, reference)
);
