-- Removes the bins of how long a scenario's answers of one day took, before they are counted again.
delete from latency_partials
where scenario = $scenario and served_date = $day::date;
