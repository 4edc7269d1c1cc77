insert into raw_redemptions by name
select
    $source as source,
    'redemptions' as batch,
    file_row_number as row_number,
    household_id::varchar as user_id,
    coupon_upc::varchar as coupon_id,
    campaign_id::varchar as campaign_id,
    redemption_date as occurred_at
from read_parquet($path, file_row_number = true);
