-- The lines that count of a scenario's day: clean, and each request once. Of its lines the first
-- counts, by day, source, file and number; one of the next day is no request of that day.
-- Grain: one row a request. Key: (source, batch, row_number).
create or replace temp table day_lines as
with clean as (
    select
        source,
        batch,
        row_number,
        request_id,
        occurred_at::date as day
    from served_lines as served
    where
        scenario = $scenario
        and occurred_at >= $day::date - 1
        and occurred_at < $day::date + 1
        and not exists (
            select 1
            from quarantine
            where
                quarantine.table_name = 'raw_served'
                and quarantine.source = served.source
                and quarantine.batch = served.batch
                and quarantine.row_number = served.row_number
        )
),
once as (
    select * from clean
    qualify
        row_number() over (partition by request_id order by day, source, batch, row_number) = 1
)
select source, batch, row_number
from once
where day = $day::date;
