-- The statistics of every series.
from drift_statistics
order by series;
