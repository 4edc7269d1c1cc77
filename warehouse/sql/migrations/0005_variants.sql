-- The prediction log's fourth version: answers that nobody was shown, those of two models and those
-- that a header asked for; and what stood beside a champion. A null column stands for what the third
-- version did not say.
alter table if exists raw_served add column if not exists pinned boolean;
alter table if exists raw_served add column if not exists shadow_of varchar;
alter table if exists raw_served add column if not exists interleaved_with varchar;
alter table if exists raw_served alter column candidates set data type struct(
    product_id varchar, "rank" integer, score double, propensity double, stage varchar,
    variant varchar
)[];
alter table if exists served_requests add column if not exists pinned boolean default false;
alter table if exists served_requests alter column pinned set not null;
alter table if exists served_requests add column if not exists shadow_of varchar;
alter table if exists served_requests add column if not exists interleaved_with varchar;
alter table if exists served_candidates add column if not exists variant varchar;
alter table if exists rollouts add column if not exists beside varchar;
alter table if exists rollouts add column if not exists role varchar;
alter table if exists rollouts add column if not exists share double;
