insert into quarantine by name
select
    $table as table_name,
    source,
    batch,
    row_number,
    $expectation as expectation,
    $reason as reason,
    to_json(rejected)::varchar as row_json
from checked_rows as rejected
where {rejected_rows}
