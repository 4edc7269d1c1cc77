-- Remembers that a scenario's nights from $day on are to be measured.
insert or ignore into nights_due values ($scenario, $day);
