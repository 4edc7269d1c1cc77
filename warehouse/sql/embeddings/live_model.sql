-- The champion that answered most of a day's requests.
-- Grain: one row, or none where nobody asked.
select model_tag
from served_requests
where
    scenario = $scenario
    and occurred_at >= $day::date
    and occurred_at < $day::date + 1
    and variant = 'champion'
    and not pinned
group by model_tag
order by count(*) desc, model_tag
limit 1;
