-- The source's coupons without how they came.
-- Grain: one row a campaign, coupon and product.
create view if not exists stg_coupons as
select campaign_id, coupon_id, product_id
from raw_coupons;
