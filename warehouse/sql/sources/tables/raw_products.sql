-- `mapped` is the shop's file under our column names, the ones it lacks null; `attributes` what it
-- says of each product.
insert into raw_products by name
select
    mapped.* replace (
        coalesce(recommendable, true) as recommendable,
        attributes.attributes as attributes
    ),
    $source as source,
    'products' as batch,
    row_number() over (order by mapped) - 1 as row_number
from mapped
left join attributes on mapped.product_id = attributes.product_id;
