-- Since when other models have served, from $since on.
-- Grain: one row a day that a rollout began on.
select starts_on, max_by(champion, version) as champion
from rollouts
where scenario = $scenario and starts_on > $since::date
group by starts_on
order by starts_on;
