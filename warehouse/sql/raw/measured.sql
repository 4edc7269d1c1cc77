-- Remembers that a scenario's days up to $day were measured with all that was pulled of them so far.
update raw_files set measured = true
where scenario = $scenario and day <= $day::date and not measured;
