-- Adds the events of a chunk.
insert into raw_events by name
select
    $source as source,
    batch,
    row_number,
    unnest(record)
from parsed_lines
where problem is null;
