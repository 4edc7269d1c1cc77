-- What a day adds to the metrics of each segment of its answers and each two of them crossed, from which
-- it is told where a change comes from. What holds less than half a percent of a day's answers is not kept.
-- Grain: one row a scenario, day, pair of segments, model, variant and bucket that has an answer. Key: all
-- of these, which nothing enforces: a day's rows are replaced together.
create table if not exists cross_partials (
    scenario varchar not null,
    served_date date not null,      -- UTC
    segment varchar not null,       -- of the answer, or of the product that stood first in it
    other_segment varchar not null,  -- all: the segment by itself, or all answers
    model_tag varchar not null,
    variant varchar not null,
    bucket utinyint not null,       -- user_bucket % 16
    as_of date,                     -- events up to the end of this day are counted
    answers bigint not null,        -- that people saw
    shown bigint not null,          -- products among the first ten
    zero_results bigint not null,
    typed bigint not null,          -- searches of known users
    reformulated bigint not null,
    clicked bigint not null,        -- answers after which something was
    purchased bigint not null,
    revenue decimal(38, 15) not null,
    clicks bigint not null,         -- products clicked among the first ten
    click_judged bigint not null,   -- answers with a click that a ranking metric is of, and what it came to
    click_ndcg decimal(38, 15) not null,
    judged bigint not null,         -- the same of purchases
    ndcg decimal(38, 15) not null
);
