-- Keeps the malformed lines of a chunk. Of more than a thousand, one stands for all the others of its
-- file that fail the same expectation: the file itself holds them, from byte_offset on. Only of those
-- that are kept is the text looked at.
insert into quarantine by name
with malformed as (
    select
        batch,
        row_number,
        byte_offset,
        case
            when problem = 'the line is not valid JSON' then 'line_is_json'
            else 'line_is_record'
        end as expectation,
        problem as reason,
        row_number() over (order by batch, row_number) as nth
    from parsed_lines
    where problem is not null
),
kept as (
    select * exclude (nth), 1 as n_rows
    from malformed
    where nth <= 1000
    union all by name
    select
        batch,
        min(row_number) as row_number,
        min(byte_offset) as byte_offset,
        expectation,
        format(
            '{} lines up to line {} are malformed; of the first: {}',
            count(*),
            max(row_number),
            arg_min(reason, row_number)
        ) as reason,
        count(*) as n_rows
    from malformed
    where nth > 1000
    group by batch, expectation
)
select
    $table_name as table_name,
    $source as source,
    kept.*,
    to_json("left"(rtrim(lines.line, chr(10)), 10000))::varchar as row_json
from kept
join lines using (batch, row_number);
