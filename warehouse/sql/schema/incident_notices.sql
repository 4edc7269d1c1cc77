-- What people were told of incidents.
-- Grain: one row a notice. Key: all but told_at.
create table if not exists incident_notices (
    incident_id varchar not null,
    what varchar not null,          -- opened, worse or ended
    severity varchar not null,
    told_at timestamp not null,     -- UTC
    primary key (incident_id, what, severity)
);
