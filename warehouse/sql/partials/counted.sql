-- The end of which day those of the days from $first to $last that were counted are counted up to.
-- Grain: one row a day. Key: served_date.
select served_date, max(as_of)
from metric_partials
where
    scenario = $scenario
    and served_date between $first::date and $last::date
    and as_of is not null
group by served_date;
