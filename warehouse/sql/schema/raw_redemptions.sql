-- Coupons that users handed in. A coupon covers many products, so this names none.
-- Grain: one row a redemption. Key: (source, batch, row_number).
create table if not exists raw_redemptions (
    source varchar not null,
    batch varchar not null,
    row_number bigint not null,
    user_id varchar,
    coupon_id varchar,
    campaign_id varchar,
    occurred_at timestamp           -- UTC
);
