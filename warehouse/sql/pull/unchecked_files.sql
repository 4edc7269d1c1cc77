-- The files that hold lines which have not passed their checks yet. One of which nothing became a row
-- has nothing to check.
-- Grain: one row a file. Key: path.
select path
from pulled_files
where
    kind = $kind
    and source = $source
    and checked_lines < lines
    and lines > (
        select coalesce(sum(n_rows), 0)
        from quarantine
        where
            table_name = $table_name
            and quarantine.source = pulled_files.source
            and batch = path
            and expectation in ('line_is_json', 'line_is_record')
    )
order by path;
