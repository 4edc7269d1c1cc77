-- Removes the staged events of a range of days, before they are staged again.
delete from stg_events where occurred_at >= $from_at and occurred_at < $to_at;
