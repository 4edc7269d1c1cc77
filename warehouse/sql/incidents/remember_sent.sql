-- Remembers that people were told.
insert or ignore into incident_notices
values ($incident_id, $what, $severity, $told_at);
