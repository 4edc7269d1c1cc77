-- Stages the events of a range of days. An event that the shop's files and the feedback log both
-- hold is staged once, from the row that names the ranking it answered.
insert into stg_events by name
with clean as (
    select *
    from raw_events as events
    where
        occurred_at >= $from_at
        and occurred_at < $to_at
        and not exists (
            select 1
            from quarantine
            where
                quarantine.table_name = 'raw_events'
                and quarantine.source = events.source
                and quarantine.batch = events.batch
                and quarantine.row_number = events.row_number
        )
        and (source, batch) not in (select (source, batch) from unchecked_batches)
),
once as (
    select * from clean
    qualify row_number() over (
        partition by event_id order by request_id is null, source, batch, row_number
    ) = 1
)
select * exclude (batch, row_number)
from once
order by occurred_at, event_id;
