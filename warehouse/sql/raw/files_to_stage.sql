-- The files of a scenario's day and of the day before.
select path
from raw_files
where scenario = $scenario and day between $day::date - 1 and $day::date
order by path;
