-- Holds back what was loaded of a source, or of one batch of it, until its check has passed.
-- Grain: one row a batch of a source. Key: (source, batch).
insert or ignore into unchecked_batches
select distinct
    source,
    batch
from raw_events
where source = $source and ($batch::varchar is null or batch = $batch);
