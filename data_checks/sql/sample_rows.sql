select to_json(sampled)
from checked_rows as sampled
where (batch, row_number) in (
    select (batch, row_number)
    from checked_rows
    where {rejected_rows}
    order by batch, row_number
    limit 3
)
order by batch, row_number
