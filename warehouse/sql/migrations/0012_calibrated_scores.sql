-- Bins of scores that are no probabilities say what earlier days promise them.
alter table if exists reliability add column if not exists calibrated double;
