-- What a day's answers showed, and what of it was clicked, by rank and by score: sums of
-- days are all that is learnt of position, of what scores mean, and of days whose outcomes are still
-- to come. Answers that people saw the first page of (clicks/answers); first 20 ranks.
-- Grain: one row a scenario, day, model, variant, scoring model, rank and score. Key: all seven.
create table if not exists click_partials (
    scenario varchar not null,
    served_date date not null,      -- UTC
    model_tag varchar not null,
    variant varchar not null,
    scored_by varchar not null,     -- the model that the score is of; '' where an answer was degraded
    "rank" integer not null,
    score_bin integer not null,     -- score_of_bin() is its middle
    n_shown bigint not null,
    n_clicked bigint not null,      -- within the attribution window; one a request and product
    as_of date not null,            -- what came by the end of this day (UTC) is counted
    primary key (scenario, served_date, model_tag, variant, scored_by, "rank", score_bin)
);
