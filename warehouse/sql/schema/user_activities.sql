-- How often the users who asked on a day had bought before it.
-- Grain: one row a scenario, day and user. Key: all three.
create table if not exists user_activities (
    scenario varchar not null,
    served_date date not null,      -- UTC
    user_id varchar not null,
    activity varchar not null       -- light, medium or heavy: a third each of the users with a purchase
);
