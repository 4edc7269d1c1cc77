-- The grade that the raters agreed on, 0 to 3.
insert into raw_judgments by name
select
    $source as source,
    'judgments' as batch,
    file_row_number as row_number,
    query,
    product_id,
    final_rating as grade,
    2 ** final_rating - 1 as gain
from read_parquet($path, file_row_number = true);
