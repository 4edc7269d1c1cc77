-- The bucket that a request's user is counted in, for ever the same: standard errors come from
-- differences between buckets. One whose user nobody knows is taken for somebody else's than any other.
create or replace temp macro user_bucket(user_id, request_id) as (
    md5_number_lower(coalesce(nullif(user_id, ''), request_id)) % 256
)::utinyint;
