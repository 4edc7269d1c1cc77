-- Removes a source's rows, all of them or one drop's, before they are loaded again.
delete from raw_judgments where source = $source and ($batch is null or batch = $batch);
