-- Promotions, clean. A view: the rows are many and nothing about them is computed.
-- Grain: one row a product, store and start. Key: (product_id, store_id, starts_at).
create view if not exists stg_promotions as
select product_id, store_id, display_location, mailer_location, starts_at, ends_at
from raw_promotions as promotions
where not exists (
    select 1
    from quarantine
    where
        quarantine.table_name = 'raw_promotions'
        and quarantine.source = promotions.source
        and quarantine.batch = promotions.batch
        and quarantine.row_number = promotions.row_number
);
