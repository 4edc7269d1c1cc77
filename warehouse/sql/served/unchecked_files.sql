-- The files that hold lines which have not passed their checks yet.
-- Grain: one row a file. Key: path.
select path
from pulled_files
where kind = $kind and source = $source and checked_lines < lines
order by path;
