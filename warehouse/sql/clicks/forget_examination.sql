-- Removes what a scenario's ranks were learnt to be as of a day.
delete from examination where scenario = $scenario and as_of = $as_of::date;
