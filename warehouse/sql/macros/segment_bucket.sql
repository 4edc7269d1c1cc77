-- The bucket of users that a part of the traffic is added up in: of all of it one of 256, of its
-- segments, of which there are many, one of 32: a standard error from 32 buckets is right to an eighth.
create or replace temp macro segment_bucket(segment, bucket) as (
    if(segment = 'all', bucket, bucket % 32)::utinyint
);
