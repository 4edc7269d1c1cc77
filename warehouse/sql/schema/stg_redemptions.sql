-- The source's redemptions without how they came.
-- Grain: one row a redemption.
create view if not exists stg_redemptions as
select user_id, coupon_id, campaign_id, occurred_at
from raw_redemptions;
