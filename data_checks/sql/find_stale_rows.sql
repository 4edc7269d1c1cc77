-- The newest time of the source, if it is older than the last open day whose rows are due.
-- No row at all is no matter of freshness. Rows from $ignore_from on come from a clock that is ahead, and say nothing.
select max({time}) as newest_at, $last_open_day::date as last_open_day
from source_rows
where $ignore_from::timestamp is null or {time} < $ignore_from::timestamp
having newest_at::date < last_open_day
