-- Remembers that a scenario's nights up to $day were measured.
delete from nights_due where scenario = $scenario and day <= $day::date;
