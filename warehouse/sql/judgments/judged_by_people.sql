-- One judgment that is not derived, if there is any.
select query_id
from stg_judgments
where not weak
limit 1;
