-- Products that are shown at all: the index lacks some.
select counted(count(distinct product_id)) as told
from served_candidates
where shown and served_date = $day::date;
