-- The days before $night whose partials know more than that night, as nights after it were measured
-- before; and the last night up to it that counts what follows them.
-- Grain: one row a day. Key: day.
select distinct
    served_date as day,
    served_date + least(($night::date - served_date) // 7 * 7, $last_days)::integer as last_counted
from metric_partials
where
    scenario = $scenario
    and as_of > $night::date
    and served_date < $night::date - $purchase_days
order by day;
