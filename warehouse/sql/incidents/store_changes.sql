-- Stores where the changes of incidents come from.
insert into incident_changes by name from changes;
