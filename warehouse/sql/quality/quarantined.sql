-- Which share of a day's events failed a check, by the expectation and by weight (macros/event_weight); n
-- is what all weigh. A repeated row weighs as much as the one that it repeats.
-- Grain: one row an expectation that any failed.
insert into data_quality by name
with failed as (
    select source, batch, row_number, list(expectation) as expectations
    from quarantine
    where table_name = 'raw_events'
    group by source, batch, row_number
),
events as (
    select
        expectations,
        coalesce(list_contains(expectations, 'line_not_repeated'), false) as repeats,
        event_weight(event_type, user_id, session_id, occurred_at, not repeats) as weight
    from raw_events
    left join failed using (source, batch, row_number)
    where occurred_at >= $day::date and occurred_at < $day::date + 1
),
counted as (
    select sum(weight) filter (where not repeats) as n
    from events
),
weighed as (
    select unnest(expectations) as expectation, weight
    from events
)
select
    $scenario as scenario,
    $day::date as day,
    'quarantined_share' as measure,
    expectation as part,
    least(sum(weight)::double / any_value(n)::double, 1) as value,
    round(any_value(n))::bigint as n
from weighed
cross join counted
where n > 0
group by expectation
order by expectation;
