-- `mapped` is the shop's file under our column names, the ones it lacks null. One drop a day.
insert into raw_events by name
select
    * replace (
        coalesce(event_id, concat_ws('-', session_id, user_id, product_id, epoch_ms(occurred_at)))
            as event_id,
        coalesce(event_type, 'purchase') as event_type,
        coalesce(logged_at, occurred_at) as logged_at,
        coalesce(quantity, 1) as quantity
    ),
    $source as source,
    strftime(occurred_at, '%Y-%m-%d') as batch,
    row_number() over (partition by occurred_at::date order by mapped) - 1 as row_number
from mapped
where $day is null or occurred_at::date = $day::date;
