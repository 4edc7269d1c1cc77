-- How many events of a day were there on its own night: more of them came late.
-- Grain: one row a day. Key: day.
create table if not exists arrivals (
    day date primary key,           -- UTC
    n bigint not null
);
