-- What a source's `pairs` (product_id, key, value) say of each product: names in snake_case, values
-- as plain text, blank ones left out, the values of a name that comes twice joined by a comma.
-- Grain: one row a product with an attribute. Key: product_id.
create or replace temp table attributes as
with named as (
    select distinct product_id, snake_case(key) as name, plain_text(value) as value
    from pairs
),
joined as (
    select product_id, name, string_agg(value, ', ' order by value) as value
    from named
    where name <> '' and value is not null
    group by product_id, name
)
select product_id, map_from_entries(list({'name': name, 'value': value} order by name)) as attributes
from joined
group by product_id;
