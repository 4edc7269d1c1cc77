-- The incidents that are open, and those that were in the last quarter of their scenario.
-- Grain and key: those of incidents.
select * exclude (newest)
from (
    select
        *,
        max(last_day) over (partition by scenario) as newest
    from incidents
)
where ended_on is null or last_day > newest - 91
order by scenario, first_day, cause;
