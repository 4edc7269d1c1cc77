-- Names what is compared of two files.
-- Grain: one row a column and model. Key: series, and both.
create or replace temp table drift_series as
select
    row_number() over (order by subject, model_tag)::integer as series,
    subject,
    model_tag
from (select distinct subject, model_tag from file_now);
