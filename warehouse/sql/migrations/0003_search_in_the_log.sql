-- The prediction log's second version: what a search asked and understood, and which stage found
-- a candidate. A null column stands for what the first version did not say.
alter table if exists raw_served add column if not exists query varchar;
alter table if exists raw_served add column if not exists "offset" integer;
alter table if exists raw_served add column if not exists asked varchar;
alter table if exists raw_served add column if not exists understood varchar;
alter table if exists raw_served alter column candidates set data type struct(
    product_id varchar, "rank" integer, score double, propensity double, stage varchar
)[];
alter table if exists served_requests add column if not exists query varchar;
alter table if exists served_candidates add column if not exists stage varchar;
