-- The mean logarithm of the scores of what stood first.
select sampled(ln(candidates.score)) as told
from served_candidates as candidates
join served_requests as requests using (request_id)
where
    scenario = $scenario
    and "rank" = 1
    and score > 0
    and not degraded
    and served_date = $day::date;
