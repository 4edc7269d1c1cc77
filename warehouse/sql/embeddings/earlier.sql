-- How far days were from the weeks before them, of the eight weeks before a day, by any model's embeddings. Days found
-- to drift are left out, unless a quarter of that weekday's were: then that is what such days are like.
-- Grain: one row a day. Key: day.
select classifier_area, mmd, n, n_days, isodow(day) as weekday
from embedding_drift_values
where scenario = $scenario and day >= $day::date - 56 and day < $day::date
window of_weekday as (partition by isodow(day))
qualify
    not drifted
    or 4 * count_if(drifted) over of_weekday >= count(*) over of_weekday
order by day;
