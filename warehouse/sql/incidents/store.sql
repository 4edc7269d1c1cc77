-- Stores incidents.
insert into incidents by name from told;
