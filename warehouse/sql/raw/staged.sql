-- Remembers that a scenario's day was staged with all that was pulled of it so far.
update raw_files set staged = true
where scenario = $scenario and day = $day::date and not staged;
