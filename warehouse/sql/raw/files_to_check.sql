-- The files that hold rows of log files which have lines that no check has passed yet.
select path
from raw_files
where exists (
    select 1
    from pulled_files
    where
        pulled_files.kind = 'served'
        and pulled_files.source = raw_files.source
        and pulled_files.checked_lines < pulled_files.lines
        and list_contains(raw_files.batches, pulled_files.path)
)
order by path;
