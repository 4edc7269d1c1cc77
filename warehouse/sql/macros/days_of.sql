-- The days of windows, each from one of firsts to that of lasts.
-- Grain: one row a window and day. Key: all three.
create or replace temp macro days_of(firsts, lasts) as table (
    select
        first_day,
        last_day,
        unnest(generate_series(first_day, last_day, interval 1 day))::date as served_date
    from (select unnest(firsts)::date as first_day, unnest(lasts)::date as last_day)
);
