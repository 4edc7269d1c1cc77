-- Products carry what search reads of them, and events the rank at which they happened.
alter table if exists raw_products add column if not exists description varchar;
alter table if exists raw_products add column if not exists attributes map(varchar, varchar);
alter table if exists raw_products add column if not exists in_stock boolean;
alter table if exists stg_products add column if not exists description varchar;
alter table if exists stg_products
add column if not exists attributes map(varchar, varchar) default map {};
alter table if exists stg_products add column if not exists in_stock boolean;
alter table if exists raw_events add column if not exists "rank" integer;
alter table if exists stg_events add column if not exists "rank" integer;
