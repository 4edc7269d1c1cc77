-- Forgets what a night judged, before it judges again.
delete from alerts
where scenario = $scenario and as_of = $as_of::date;
