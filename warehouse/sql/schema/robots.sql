-- Who was a robot on a day.
-- Grain: one row a scenario, day and user. Key: all three.
create table if not exists robots (
    scenario varchar not null,
    served_date date not null,      -- UTC
    user_id varchar not null
);
