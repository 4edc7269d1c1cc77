-- Since when models have served.
-- Grain: one row a day that a rollout began on.
select starts_on, max_by(champion, version) as champion
from rollouts
where scenario = $scenario
group by starts_on
order by starts_on;
