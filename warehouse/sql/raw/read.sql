-- The rows of files, in the columns of raw_served.
select * exclude (day)
from read_parquet(
    [{files}],
    hive_partitioning = true,
    hive_types = {'scenario': varchar, 'day': date},
    union_by_name = true
);
