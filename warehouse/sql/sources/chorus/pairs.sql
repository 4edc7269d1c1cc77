-- The attributes: names begin with attr_, their type (t text, n number, b truth value) and an
-- underscore.
create or replace temp table pairs as
with entries as (
    select id as product_id, unnest(map_entries(attrs_json::json::map(varchar, varchar))) as entry
    from read_parquet($path)
)
select
    product_id,
    regexp_replace(entry.key, '^attr_[a-z]_', '') as key,
    if(entry.key like 'attr\_n\_%' escape '\', regexp_replace(entry.value, '\.0$', ''), entry.value)
        as value
from entries;
