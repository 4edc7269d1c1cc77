-- `mapped` is the shop's file under our column names, the ones it lacks null.
insert into raw_judgments by name
select
    * replace (coalesce(gain, 2 ** grade - 1) as gain),
    $source as source,
    'judgments' as batch,
    row_number() over (order by mapped) - 1 as row_number
from mapped;
