-- What has passed its check may be staged: all of a source, or one batch of it.
-- Grain: one row a batch of a source. Key: (source, batch).
delete from unchecked_batches
where source = $source and ($batch::varchar is null or batch = $batch);
