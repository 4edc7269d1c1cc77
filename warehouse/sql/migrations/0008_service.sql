-- Requests say by when they were to be answered, and whether they were a process's first. A null
-- column stands for what was staged before.
alter table if exists served_requests add column if not exists deadline_ms double;
alter table if exists served_requests add column if not exists cold boolean;
