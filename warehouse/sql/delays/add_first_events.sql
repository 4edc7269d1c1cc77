-- Adds first_of_type to a scenario's first events, the ages in hours.
insert into first_events by name
select
    $scenario as scenario,
    served_date,
    age // 3_600 * 3_600 as age,
    event_type,
    delay,
    occurred_date,
    sum(n) as n
from first_of_type
group by all
order by all;
