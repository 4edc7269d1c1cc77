-- Stores measured values. `measured` is registered, in the columns of metric_values.
insert or replace into metric_values by name
from measured;
