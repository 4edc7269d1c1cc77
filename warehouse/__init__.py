"""What is remembered: one DuckDB file, the SQL that fills it, and thin Python that runs the SQL."""
