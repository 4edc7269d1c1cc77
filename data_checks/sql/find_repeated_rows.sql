-- Rows of the scope that repeat an earlier row of the source: n - 1 of n with the same key.
-- Hashes that occur once are ruled out first, so that only the few rows that share one are ordered.
with shared_hashes as (
    select hash({key}) as key_hash
    from source_rows
    where {comparable}
    group by key_hash
    having count(*) > 1
),
numbered as (
    select
        batch,
        row_number,
        row_number() over (partition by {key} order by batch, row_number) as occurrence
    from source_rows
    where {comparable} and hash({key}) in (select key_hash from shared_hashes)
)
select batch, row_number
from numbered
where occurrence > 1 and ($batches::varchar[] is null or list_contains($batches::varchar[], batch))
