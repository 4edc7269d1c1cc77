-- Keeps the partials that were counted anew.
insert into metric_partials by name
from renewed;
