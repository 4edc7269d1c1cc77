-- Answers name the index that they were found in. Of what was staged before nothing is known.
alter table if exists served_requests add column if not exists index_version varchar;
