-- The most requests in a second. The most of several rows is that of several hours and days.
-- Grain: one row a scenario, day, hour, model and variant. Key: all of them.
create table if not exists service_peaks (
    scenario varchar not null,
    served_date date not null,      -- UTC
    hour utinyint not null,
    model_tag varchar not null,
    variant varchar not null,
    peak_rate bigint not null
);
