-- Which share of a day's events failed a check, by the expectation and by weight (macros/event_weight); n
-- is what all weigh.
-- Grain: one row an expectation that any failed.
insert into data_quality by name
with events as (
    select
        source,
        batch,
        row_number,
        event_weight(event_type, user_id, session_id, event_id, occurred_at) as weight
    from raw_events
    where occurred_at >= $day::date and occurred_at < $day::date + 1
),
counted as (
    select sum(weight) as n
    from events
)
select
    $scenario as scenario,
    $day::date as day,
    'quarantined_share' as measure,
    quarantine.expectation as part,
    sum(events.weight)::double / any_value(counted.n)::double as value,
    round(any_value(counted.n))::bigint as n
from quarantine
join events using (source, batch, row_number)
cross join counted
where quarantine.table_name = 'raw_events'
group by quarantine.expectation
order by quarantine.expectation;
