-- What is known of a user's household.
-- Grain: one row a user. Key: (source, batch, row_number).
create table if not exists raw_demographics (
    source varchar not null,
    batch varchar not null,
    row_number bigint not null,
    user_id varchar,
    age varchar,
    income varchar,
    home_ownership varchar,
    marital_status varchar,
    household_size varchar,
    household_composition varchar,
    kids_count varchar
);
