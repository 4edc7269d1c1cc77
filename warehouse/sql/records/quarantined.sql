-- How many rows (or lines of logs) each expectation has sent to quarantine.
-- Grain: one row a source, table and expectation. Key: all three.
select
    source,
    table_name,
    expectation,
    sum(n_rows)::bigint as n
from quarantine
group by source, table_name, expectation
order by source, table_name, expectation;
