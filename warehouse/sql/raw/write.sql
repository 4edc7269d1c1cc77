-- Writes parsed_lines as files by scenario and day. Malformed lines have neither.
copy (
    select * exclude (problem) replace (if(problem is null, scenario, null) as scenario)
    from (
        select
            $source as source,
            batch,
            row_number,
            problem,
            unnest(record),
            if(problem is null, record.occurred_at::date, null) as day
        from parsed_lines
    )
) to '{folder}' (
    format parquet,
    compression zstd,
    partition_by (scenario, day),
    filename_pattern '{name}_{i}',
    overwrite_or_ignore,
    return_stats
);
