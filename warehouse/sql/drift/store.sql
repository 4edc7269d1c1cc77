-- Stores what was found of a day.
insert into drift_values by name
from drifts;
