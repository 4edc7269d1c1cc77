-- Lets a file count.
insert or replace into raw_files by name
select
    $path as path,
    $source as source,
    regexp_extract($path, 'scenario=([^/]+)/', 1) as scenario,
    regexp_extract($path, 'day=([^/]+)/', 1)::date as day,
    $batches as batches,
    $n_rows as n_rows,
    false as measured;
