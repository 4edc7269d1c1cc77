-- Every file that counts.
select path
from raw_files
order by path;
