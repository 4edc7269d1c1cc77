-- Keeps the lines of a chunk that are no JSON.
insert into quarantine by name
select
    $table_name as table_name,
    $source as source,
    $batch as batch,
    row_number,
    'line_is_json' as expectation,
    'the line is not valid JSON' as reason,
    to_json(line) as row_json
from lines
where not json_valid(line);
