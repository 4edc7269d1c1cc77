-- How long answers took, stage by stage, in the bins of sql/macros/latency_bins.sql. Sums of rows are
-- the bins of several hours and days.
-- Grain: one row a scenario, day, hour, model, variant, stage and bin. Key: all of them.
create table if not exists latency_partials (
    scenario varchar not null,
    served_date date not null,      -- UTC
    hour utinyint not null,
    model_tag varchar not null,
    variant varchar not null,
    stage varchar not null,         -- total, queue, retrieve, features, score; cold: the total of a process's first answer
    bin smallint not null,
    n bigint not null               -- answers
);
