-- Up to when what followed a day's answers was counted; null where it was not.
select max(as_of) as as_of
from click_partials
where scenario = $scenario and served_date = $day::date;
