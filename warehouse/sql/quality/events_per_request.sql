-- How many events of a type there are on a day for each of a scenario's requests.
-- Grain: one row an event type, which is the part.
insert into data_quality by name
with requests as (
    select sum(total)::bigint as n
    from service_partials
    where scenario = $scenario and served_date = $day::date and metric = 'requests'
)
select
    $scenario as scenario,
    $day::date as day,
    'events_per_request' as measure,
    part,
    "value" / requests.n as value,
    requests.n
from data_quality
cross join requests
where
    scenario = $shop and day = $day::date and measure = 'events' and requests.n > 0
order by part;
