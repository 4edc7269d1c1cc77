-- The source's demographics without how they came.
-- Grain: one row a user.
create view if not exists stg_demographics as
select user_id, age, income, home_ownership, marital_status, household_size, household_composition, kids_count
from raw_demographics;
