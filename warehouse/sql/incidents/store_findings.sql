-- Stores what days told of causes.
insert into day_findings by name from findings;
