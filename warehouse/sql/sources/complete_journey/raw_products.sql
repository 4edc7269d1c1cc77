-- Fuel, coupons and miscellaneous lines are no products a shopper can be offered.
insert into raw_products by name
select
    $source as source,
    'products' as batch,
    file_row_number as row_number,
    product_id::varchar as product_id,
    brand,
    department,
    product_category as category,
    product_type,
    package_size as size,
    manufacturer_id::varchar as supplier_id,
    not (
        department in ('FUEL', 'COUPON', 'MISCELLANEOUS', 'CNTRL/STORE SUP')
        or coalesce(product_category, '') in ('FUEL', 'COUPON/MISC ITEMS', 'COUPONS/STORE & MFG')
    ) as recommendable
from read_parquet($path, file_row_number = true);
