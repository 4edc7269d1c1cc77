-- What was bought in the countries that close.
select counted(count(*)) as told
from stg_events
where
    list_contains(
        list_slice(
            ['Germany', 'EIRE', 'France', 'Netherlands', 'Spain', 'Belgium', 'Portugal'],
            1,
            $amount::int
        ),
        store_id
    )
    and occurred_at::date = $day::date;
