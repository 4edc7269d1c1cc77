-- What scores promised of a day, and what came: products in ten bins of ever higher scores, each of
-- about as many looks. Of a model's own scores; of an answer that was degraded there are none.
-- Grain: one row a scenario, day, model, variant and bin. Key: all five.
create table if not exists reliability (
    scenario varchar not null,
    served_date date not null,      -- UTC
    model_tag varchar not null,
    variant varchar not null,
    bin integer not null,           -- 1 holds the lowest scores
    n bigint not null,              -- products shown
    n_looked_at double not null,    -- of them, by the examination of their ranks
    predicted double not null,      -- their mean score
    observed double not null,       -- clicks a look
    standard_error double not null, -- of observed
    calibrated double,              -- mean clicks a look that earlier days promise such scores; null where
                                    -- scores are probabilities themselves, or too few days are known
    primary key (scenario, served_date, model_tag, variant, bin)
);
