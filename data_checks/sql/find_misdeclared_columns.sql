-- Columns that are missing, not declared, or of another type than declared.
with declared as (
    select unnest($columns::varchar[]) as column_name, unnest($types::varchar[]) as expected
),
actual as (
    select column_name, column_type as found from (describe {table})
)
select column_name as "column", expected, found
from declared
full join actual using (column_name)
where expected is distinct from found
order by column_name
