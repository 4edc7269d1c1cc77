-- Keeps the most requests that came within a second in each hour of a day. A shadow's answers are none
-- that anybody asked for.
insert into service_peaks by name
with seconds as (
    select model_tag, variant, date_trunc('second', occurred_at) as second, count(*) as n
    from served_requests
    where
        scenario = $scenario
        and occurred_at >= $day::date
        and occurred_at < $day::date + 1
        and shadow_of is null
    group by all
)
select
    $scenario as scenario,
    $day::date as served_date,
    hour(second) as hour,
    model_tag,
    variant,
    max(n) as peak_rate
from seconds
group by all
order by all;
