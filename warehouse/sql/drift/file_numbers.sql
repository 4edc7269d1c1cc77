-- Counts the numbers of a column of a Parquet file, by a model's tag. What is grouped by is what
-- value_bin() begins with: the rest of it is done once a bin.
-- Grain: one row a model and bin. Key: both.
with counted as (
    select
        columns([$by]) as model_tag,
        value_key(columns([$column])) as key,
        count(*) as n
    from read_parquet($path)
    group by all
)
select
    $column as subject,
    model_tag::varchar as model_tag,
    key_bin(key) as bin,
    null::varchar as "value",
    n
from counted;
