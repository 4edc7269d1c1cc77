-- Retail week w runs from Monday midnight in the shop's stores, week 1 from 2016-12-26: 05:00 UTC,
-- and 04:00 UTC for weeks 12 to 45, which begin in summer time.
-- The file is one row group, which one thread would read: two ranges of its rows load side by side.
insert into raw_promotions by name
select
    $source as source,
    'promotions' as batch,
    row_number,
    product_id::varchar as product_id,
    store_id::varchar as store_id,
    display_location,
    mailer_location,
    make_timestamp(
        (1482728400 + (week - 1) * 604800 - if(week between 12 and 45, 3600, 0)) * 1000000
    ) as starts_at,
    make_timestamp(
        (1482728400 + week * 604800 - if(week between 11 and 44, 3600, 0)) * 1000000
    ) as ends_at
from (
    select *, file_row_number as row_number
    from read_parquet($path, file_row_number = true)
    where file_row_number < 10500000
    union all
    select *, file_row_number as row_number
    from read_parquet($path, file_row_number = true)
    where file_row_number >= 10500000
);
