-- Remembers that a scenario's day has changed since its night was measured.
insert or ignore into nights_due values ($scenario, $day);
