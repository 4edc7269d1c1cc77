-- Up to when what followed a day's answers is counted: as far as it ever was, if that is later than
-- $as_of. A night that is run again forgets nothing of what came after it.
select greatest($as_of::date, max(as_of)) as as_of
from click_partials
where scenario = $scenario and served_date = $day::date;
