-- Remembers how far a log file has been read.
insert into pulled_files
values ($kind, $source, $path, $bytes, $lines, 0)
on conflict do update set bytes = excluded.bytes, lines = excluded.lines;
