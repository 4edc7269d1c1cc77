-- Products that the catalogue holds and its own check has accepted.
select distinct product_id
from raw_products
where source = {source}
    and product_id is not null
    and (batch, row_number) not in (
        select (batch, row_number)
        from quarantine
        where table_name = 'raw_products' and source = {source}
    )
