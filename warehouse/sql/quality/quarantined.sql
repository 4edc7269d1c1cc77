-- Which share of a day's events failed a check, by the expectation, of their effective number (as
-- quality/day_events has it).
-- Grain: one row an expectation that any failed.
insert into data_quality by name
with events as (
    select
        source,
        batch,
        row_number,
        count(*) over (partition by event_type, coalesce(user_id, session_id), occurred_at) as together
    from raw_events
    where occurred_at >= $day::date and occurred_at < $day::date + 1
)
select
    $scenario as scenario,
    $day::date as day,
    'quarantined_share' as measure,
    quarantine.expectation as part,
    count(*) / (select count(*) from events) as value,
    (select round(count(*) ** 2 / sum(together))::bigint from events) as n
from quarantine
join events using (source, batch, row_number)
where quarantine.table_name = 'raw_events'
group by quarantine.expectation
order by quarantine.expectation;
