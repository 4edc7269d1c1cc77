-- What people judged, of a query and product the first line. A query is the same however its white
-- space is typed.
create or replace table stg_judgments as
with clean as (
    select *, trim(regexp_replace(query, '\s+', ' ', 'g')) as query_id
    from raw_judgments as judgments
    where not exists (
        select 1
        from quarantine
        where
            quarantine.table_name = 'raw_judgments'
            and quarantine.source = judgments.source
            and quarantine.batch = judgments.batch
            and quarantine.row_number = judgments.row_number
    )
)
select query_id, query, product_id, grade, gain, source, false as weak, locale
from clean
qualify row_number() over (
    partition by query_id, product_id, source order by batch, row_number
) = 1
order by query_id, product_id, source;
