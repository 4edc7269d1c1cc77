-- How far each file of a kind and source has been read.
-- Grain: one row a file. Key: path.
select path, bytes, lines
from pulled_files
where kind = $kind and source = $source;
