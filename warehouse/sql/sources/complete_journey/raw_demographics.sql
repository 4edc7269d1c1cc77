insert into raw_demographics by name
select
    $source as source,
    'demographics' as batch,
    file_row_number as row_number,
    household_id::varchar as user_id,
    age,
    income,
    home_ownership,
    marital_status,
    household_size,
    household_comp as household_composition,
    kids_count
from read_parquet($path, file_row_number = true);
