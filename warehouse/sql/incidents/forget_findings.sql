-- Forgets what the days from $first to $last told of causes.
delete from day_findings
where scenario = $scenario and day between $first::date and $last::date;
