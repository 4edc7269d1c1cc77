-- A product may be of several classes, joined by |: the first is its type. The category hierarchy
-- leads from the department down.
insert into raw_products by name
with products as (
    from read_csv(
        $path, delim = '\t', header = true, quote = '"', escape = '"', all_varchar = true
    )
)
select
    $source as source,
    'products' as batch,
    row_number() over (order by products) - 1 as row_number,
    products.product_id,
    product_name as title,
    trim(split_part("category hierarchy", '/', 1)) as department,
    trim(split_part("category hierarchy", '/', -1)) as category,
    trim(split_part(product_class, '|', 1)) as product_type,
    true as recommendable,
    product_description as description,
    attributes
from products
left join attributes on products.product_id = attributes.product_id;
