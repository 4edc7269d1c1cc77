-- The segment of an hour of the day (UTC); null stands for all of them.
create or replace temp macro hour_segment(hour) as if(
    hour is null, 'all', format('hour={:02d}', hour)
);
