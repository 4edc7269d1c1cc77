-- Removes a scenario's curves as of a day.
delete from delay_curves
where scenario = $scenario and as_of = $as_of::date;
