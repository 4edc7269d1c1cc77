-- The prediction log's third version: how many candidates the model read, by when, from which index,
-- and whether anybody still waited. A null column stands for what the second version did not say.
alter table if exists raw_served add column if not exists n_read integer;
alter table if exists raw_served add column if not exists index_version varchar;
alter table if exists raw_served add column if not exists deadline_ms double;
alter table if exists raw_served add column if not exists client_gone boolean;
alter table if exists raw_served alter column timings_ms set data type struct(
    retrieve double, features double, queue double, score double, total double
);
alter table if exists served_requests add column if not exists n_read integer;
alter table if exists served_requests add column if not exists client_gone boolean default false;
alter table if exists served_requests alter column client_gone set not null;
alter table if exists served_requests add column if not exists retrieve_ms double;
alter table if exists served_requests add column if not exists queue_ms double;
