-- What a day adds to its metrics, before anything is divided: partials of days add up to weeks, and
-- those of buckets of users say how much a metric depends on who happened to come.
-- Grain: one row a scenario, day, segment, model, variant, metric and bucket that has anything.
-- Key: all of these, which nothing enforces: a day's rows are replaced together, and an index of
-- them would cost more than all else.
create table if not exists metric_partials (
    scenario varchar not null,
    served_date date not null,      -- UTC
    segment varchar not null,
    model_tag varchar not null,
    variant varchar not null,
    metric varchar not null,        -- with its cutoff: ndcg@10
    bucket utinyint not null,       -- user_bucket, of segments % 32
    as_of date,                     -- events up to the end of this day are counted; null: none changes it
    n bigint not null,              -- answers, queries or products shown: what the mean is over
    weight decimal(38, 15) not null,  -- what the total is divided by: n where all weigh the same
    total decimal(38, 15) not null,  -- exact, so that what changes can be added and taken away
    squares decimal(38, 15) not null  -- the sum of the squares of what `total` sums
);
