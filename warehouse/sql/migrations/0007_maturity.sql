-- Metrics say how mature their window is. Of what was measured before nobody knows: null.
alter table if exists metric_values add column if not exists maturity double;
alter table if exists metric_values add column if not exists corrected double;
alter table if exists metric_values add column if not exists corrected_error double;
