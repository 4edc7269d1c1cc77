-- The alerts of the last quarter; series that were as expected are left out.
-- Grain and key: those of alerts.
select *
from alerts
where
    direction is not null
    and "day" > (select max("day") - 91 from alerts)
order by scenario, "day", metric, variant, segment;
