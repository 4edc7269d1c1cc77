-- Answers say of which segments they are, and candidates on which day they were served. Of what was
-- staged before, the segments are not known.
alter table if exists served_requests add column if not exists query_frequency varchar;
alter table if exists served_requests add column if not exists store_id varchar;
alter table if exists served_requests add column if not exists country varchar;
alter table if exists served_requests add column if not exists device varchar;
alter table if exists served_candidates add column if not exists served_date date;
