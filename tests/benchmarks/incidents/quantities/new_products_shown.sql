-- The share of what is shown that was not in the catalogue before.
select sampled(ends_with(product_id, '-new')::int) as told
from served_candidates
where shown and served_date = $day::date;
