-- What the stores sold that close.
select counted(count(*)) as told
from stg_events
where picked(store_id, $amount) and occurred_at::date = $day::date;
