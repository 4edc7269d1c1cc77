-- The files of a scenario's day, of the day before and of the day after.
select path
from raw_files
where scenario = $scenario and day between $day::date - 1 and $day::date + 1
order by path;
