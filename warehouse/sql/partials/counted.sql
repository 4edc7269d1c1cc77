-- The end of which day those of $days that were counted are counted up to.
-- Grain: one row a day. Key: served_date.
select served_date, max(as_of)
from metric_partials
where
    scenario = $scenario
    and served_date = any($days::date[])
    and as_of is not null
group by served_date;
