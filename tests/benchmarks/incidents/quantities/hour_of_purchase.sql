-- The mean hour of purchases, each invoice once.
select sampled(hour) as told
from (
    select date_part('epoch', min(occurred_at)::time) / 3600 as hour
    from stg_events
    where event_type = 'purchase' and occurred_at::date = $day::date
    group by coalesce(user_id, occurred_at::varchar)
);
