-- Marketing campaigns.
-- Grain: one row a campaign and addressed user. Key: (source, batch, row_number).
create table if not exists raw_campaigns (
    source varchar not null,
    batch varchar not null,
    row_number bigint not null,
    campaign_id varchar,
    campaign_type varchar,
    starts_at timestamp,            -- UTC, inclusive
    ends_at timestamp,              -- UTC, exclusive
    user_id varchar
);
