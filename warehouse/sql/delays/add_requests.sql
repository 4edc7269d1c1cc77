-- Counts the requests of a scenario's days from $first until before $before by their age when the day
-- ended.
insert into request_ages by name
select
    scenario,
    occurred_at::date as served_date,
    step_before(epoch_us((served_date + 1)::timestamp) - epoch_us(occurred_at)) as age,
    count(*) as n
from served_requests
where
    scenario = $scenario
    and occurred_at >= $first::date
    and occurred_at < $before::date
    and shadow_of is null
    and not pinned
    and error is null
    and not client_gone
group by all
order by all;
