-- One drop a day. A basket holds a product once, so the two together name the event.
insert into raw_events by name
select
    $source as source,
    strftime(transaction_timestamp, '%Y-%m-%d') as batch,
    file_row_number as row_number,
    basket_id || '-' || product_id as event_id,
    'purchase' as event_type,
    transaction_timestamp as occurred_at,
    transaction_timestamp as logged_at,
    household_id::varchar as user_id,
    basket_id::varchar as session_id,
    product_id::varchar as product_id,
    quantity::double as quantity,
    sales_value / greatest(quantity, 1) as price,
    retail_disc / greatest(quantity, 1) as discount,
    store_id::varchar as store_id
from read_parquet($path, file_row_number = true)
where $day is null or transaction_timestamp::date = $day::date;
