-- Counts the values of a column of a Parquet file, by a model's tag.
-- Grain: one row a model and value. Key: both.
with counted as (
    select
        columns([$by]) as model_tag,
        columns([$column])::varchar as "value",
        count(*) as n
    from read_parquet($path)
    group by all
)
select
    $column as subject,
    model_tag::varchar as model_tag,
    null::smallint as bin,
    "value",
    n
from counted;
