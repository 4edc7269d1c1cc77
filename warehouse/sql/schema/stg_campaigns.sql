-- The source's campaigns without how they came.
-- Grain: one row a campaign and addressed user.
create view if not exists stg_campaigns as
select campaign_id, campaign_type, starts_at, ends_at, user_id
from raw_campaigns;
