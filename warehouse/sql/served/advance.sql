-- Remembers how far a log file has been read.
insert or replace into pulled_files
values ($kind, $path, $bytes, $lines);
