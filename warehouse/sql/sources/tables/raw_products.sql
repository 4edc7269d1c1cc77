-- `mapped` is the shop's file under our column names, the ones it lacks null.
insert into raw_products by name
select
    * replace (coalesce(recommendable, true) as recommendable),
    $source as source,
    'products' as batch,
    row_number() over (order by mapped) - 1 as row_number
from mapped;
