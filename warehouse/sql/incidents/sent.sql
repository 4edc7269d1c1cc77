-- What people were told of a scenario's incidents.
-- Grain: one row a notice.
select incident_id, what, severity
from incident_notices
where starts_with(incident_id, $scenario || '-');
