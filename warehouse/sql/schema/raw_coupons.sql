-- Which products a coupon of a campaign is good for.
-- Grain: one row a campaign, coupon and product. Key: (source, batch, row_number).
create table if not exists raw_coupons (
    source varchar not null,
    batch varchar not null,
    row_number bigint not null,
    campaign_id varchar,
    coupon_id varchar,
    product_id varchar
);
