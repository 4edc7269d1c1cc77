-- The files in which more than one event in a thousand is said to have happened over 5 minutes after
-- it was logged: the clock of who told of it is ahead of the one that logged it.
-- Grain: one row a file. Key: batch.
with ahead as (
    select
        batch,
        date_sub('minute', logged_at, occurred_at) as minutes,
        coalesce(occurred_at > logged_at + interval 5 minutes, false) as is_ahead
    from checked_rows
)
select
    batch,
    count_if(is_ahead) as n_events,
    max(minutes) as minutes
from ahead
group by batch
having n_events > count(*) / 1000
order by n_events desc, batch
