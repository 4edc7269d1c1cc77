-- What is counted of requests, where it is not 0. Sums of rows are the counts of several buckets,
-- hours and days.
-- Grain: one row a scenario, day, hour, model, variant, bucket of users and metric. Key: all of them.
create table if not exists service_partials (
    scenario varchar not null,
    served_date date not null,      -- UTC
    hour utinyint not null,
    model_tag varchar not null,
    variant varchar not null,
    bucket utinyint not null,       -- user_bucket
    metric varchar not null,        -- as sql/service/counts.sql names them
    total bigint not null
);
