-- Remembers that all that was read of a kind and source has passed its checks.
update pulled_files set checked_lines = lines
where kind = $kind and source = $source and checked_lines < lines;
