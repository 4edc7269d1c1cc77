-- What some of those who asked on a day were shown first: the same ones on every day they come.
-- Grain: one row a scenario, day, model and asker. Key: all four.
create table if not exists list_samples (
    scenario varchar not null,
    day date not null,              -- UTC
    model_tag varchar not null,
    asker varchar not null,         -- the query, or the user where nothing is typed
    product_ids varchar[] not null  -- of the first ten ranks
);
