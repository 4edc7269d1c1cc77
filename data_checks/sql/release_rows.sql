delete from quarantine
where table_name = $table
    and source = $source
    and not list_contains($not_ours::varchar[], expectation)
    and ($batches::varchar[] is null or list_contains($batches::varchar[], batch))
