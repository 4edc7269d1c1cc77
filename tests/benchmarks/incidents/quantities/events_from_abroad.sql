-- What was bought in the countries that close.
select counted(count(*)) as told
from stg_events
where
    store_id in (
        ['Germany', 'EIRE', 'France', 'Netherlands', 'Spain', 'Belgium', 'Portugal'][:$amount::int]
    )
    and occurred_at::date = $day::date;
