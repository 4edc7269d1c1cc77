-- Judged series say how far off they were: two days in a row tell more than one.
alter table if exists alerts add column if not exists score double;
