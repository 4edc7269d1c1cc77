-- Promotions, clean. A view: the rows are many and nothing about them is computed. They come in one
-- drop, whose row numbers name them.
-- Grain: one row a product, store and start. Key: (product_id, store_id, starts_at).
create view if not exists stg_promotions as
select
    product_id,
    store_id,
    display_location,
    mailer_location,
    coalesce(display_location, '0') <> '0' as displayed,
    case
        when coalesce(mailer_location, '0') = '0' then 0
        when mailer_location in ('D', 'F', 'H', 'J', 'L', 'P') then 2
        else 1
    end as mailer,                  -- 0 not in it, 1 inside it, 2 on its front, back or wrap
    starts_at,
    ends_at
from raw_promotions
anti join (select row_number from quarantine where table_name = 'raw_promotions')
    using (row_number);
