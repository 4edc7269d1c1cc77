-- What a day's answers promised as a whole, and what their rankings came to: sums of days are all that
-- is learnt of the ranking metrics of days whose purchases are still to come. Answers that people saw
-- the first page of (clicks/answers).
-- Grain: one row a scenario, day, model, variant, scoring model and promise. Key: all six.
create table if not exists answer_partials (
    scenario varchar not null,
    served_date date not null,      -- UTC
    model_tag varchar not null,
    variant varchar not null,
    scored_by varchar not null,     -- '' where an answer was degraded, or two models' scores are mixed
    promise_bin integer not null,   -- of the mean score of the first ten, as ndcg weighs their ranks
    n bigint not null,              -- answers
    n_followed bigint not null,     -- of them, after which something was bought: the others have no value
    hit_rate double not null,       -- sums of hit_rate@10 and ndcg@10, and of the squares, over these
    ndcg double not null,
    ndcg_squares double not null,
    as_of date not null,            -- what came by the end of this day (UTC) is counted
    primary key (scenario, served_date, model_tag, variant, scored_by, promise_bin)
);
