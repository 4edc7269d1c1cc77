-- What metrics of days whose outcomes are still to come were expected to come to, and what came. The
-- interval is meant to hold on 19 days in 20.
-- Grain: one row a scenario, metric, day, model, variant and day it was said on. Key: all six.
create table if not exists label_free_estimates (
    scenario varchar not null,
    metric varchar not null,        -- ctr@10: clicks a product shown among the first ten; hit_rate@10; ndcg@10
    day date not null,              -- UTC
    model_tag varchar not null,
    variant varchar not null,
    as_of date not null,            -- learnt from days that were closed by its end (UTC)
    value double not null,
    low double not null,
    high double not null,
    n bigint not null,              -- products shown
    n_days bigint not null,         -- closed days that the interval is learnt from
    came double,                    -- null while outcomes are still to come
    primary key (scenario, metric, day, model_tag, variant, as_of)
);
