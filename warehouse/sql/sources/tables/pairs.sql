-- `packed` (product_id, maps) is what the shop's columns hold of each product's attributes.
create or replace temp table pairs as
with entries as (
    select
        product_id,
        unnest(flatten(list_transform(maps, lambda one: map_entries(one)))) as entry
    from packed
)
select product_id, entry.key as key, entry.value as value
from entries;
