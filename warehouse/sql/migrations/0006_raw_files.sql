-- Lines that became no row say where in their file they are, and one may stand for many.
alter table if exists quarantine add column if not exists byte_offset bigint;
alter table if exists quarantine add column if not exists n_rows bigint default 1;
