-- The campaign's description joined to each household it was addressed to.
insert into raw_campaigns by name
select
    $source as source,
    'campaigns' as batch,
    campaigns.file_row_number as row_number,
    campaigns.campaign_id::varchar as campaign_id,
    descriptions.campaign_type,
    descriptions.start_date as starts_at,
    descriptions.end_date + interval 1 day as ends_at,
    campaigns.household_id::varchar as user_id
from read_parquet($path, file_row_number = true) as campaigns
left join read_parquet($descriptions) as descriptions using (campaign_id);
