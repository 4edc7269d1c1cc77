insert into raw_coupons by name
select
    $source as source,
    'coupons' as batch,
    file_row_number as row_number,
    campaign_id::varchar as campaign_id,
    coupon_upc::varchar as coupon_id,
    product_id::varchar as product_id
from read_parquet($path, file_row_number = true);
