-- Exact, partial, irrelevant: worth 1, 0.5 and 0.
insert into raw_judgments by name
with labels as (
    from read_csv(
        $path, delim = '\t', header = true, quote = '"', escape = '"', all_varchar = true
    )
),
queries as (
    from read_csv(
        $queries, delim = '\t', header = true, quote = '"', escape = '"', all_varchar = true
    )
)
select
    $source as source,
    'labels' as batch,
    row_number() over (order by labels) - 1 as row_number,
    queries.query,
    labels.product_id,
    case labels.label when 'Exact' then 1 when 'Partial' then 0.5 when 'Irrelevant' then 0 end
        as gain
from labels
left join queries on labels.query_id = queries.query_id;
