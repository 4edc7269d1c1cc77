-- Removes what was estimated of a scenario's days as of a day.
delete from label_free_estimates
where scenario = $scenario and as_of = $as_of::date;
