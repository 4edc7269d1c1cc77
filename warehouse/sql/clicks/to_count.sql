-- What to count on the night of $as_of: clicks and purchases after its own day's answers, and those after
-- the answers of a day before it where all have come with it, or came with a night that was left out. Of
-- the five weeks that are learnt from.
-- Grain: one row a day; event_types, which of the two, in this order.
with counts as (
    select 'click' as event_type, scenario, served_date, as_of
    from click_partials
    union all
    select 'purchase', scenario, served_date, as_of
    from answer_partials
    union all  -- at least as of then, where purchases were never counted
    select 'purchase', scenario, served_date, served_date
    from click_partials
),
counted as (
    select event_type, served_date, max(as_of) as as_of
    from counts
    where
        scenario = $scenario
        and served_date > $as_of::date - 35
        and served_date < $as_of::date
    group by event_type, served_date
)
select served_date as day, list(event_type order by event_type) as event_types
from counted
join attribution_windows() as windows using (event_type)
where
    served_date + named_days = $as_of::date
    or (served_date + named_days < $as_of::date and served_date + named_days > as_of)
group by served_date
union all
select $as_of::date, ['click', 'purchase']
order by day;
