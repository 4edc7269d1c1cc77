-- Where the changes of open incidents come from.
-- Grain and key: those of incident_changes.
select changes.*
from incident_changes as changes
join incidents using (incident_id)
where incidents.ended_on is null
order by incident_id, segments;
