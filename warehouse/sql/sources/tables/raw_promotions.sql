-- `mapped` is the shop's file under our column names, the ones it lacks null.
insert into raw_promotions by name
select
    *,
    $source as source,
    'promotions' as batch,
    row_number() over (order by mapped) - 1 as row_number
from mapped;
