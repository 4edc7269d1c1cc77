-- The alerts of the days from $first to $last that were known by the end of the last.
-- Grain: one row a day, metric, variant and segment. Key: all four.
select "day", metric, segment, model_tag, variant, value, expected, low, high, n
from alerts
where
    scenario = $scenario
    and "day" between $first::date and $last::date
    and as_of <= $last::date
    and direction is not null
order by "day", metric, variant, segment;
