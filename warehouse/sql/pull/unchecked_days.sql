-- The days that events of feedback have come for which no check has passed yet.
-- Grain: one row a day. Key: day.
select distinct events.occurred_at::date as day
from raw_events as events
join pulled_files as files
    on events.source = files.source and events.batch = files.path and files.kind = 'feedback'
where files.source = $source and events.row_number >= files.checked_lines
order by day;
