-- How often the day's queries were typed in the four weeks before, in logarithms.
select sampled(ln(1 + coalesce(before.n, 0))) as told
from served_requests as requests
left join (
    select query, count(*) as n
    from served_requests
    where
        scenario = $scenario
        and occurred_at >= $day::date - 28
        and occurred_at < $day::date
    group by query
) as before using (query)
where scenario = $scenario and occurred_at::date = $day::date;
