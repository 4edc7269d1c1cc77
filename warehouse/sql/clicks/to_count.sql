-- The days to count on the night of $as_of: its own, and those before it whose clicks or purchases
-- have all come with it, or came with a night that was left out.
-- Grain: one row a day.
select served_date as day
from click_partials
cross join attribution_windows() as windows
where
    scenario = $scenario
    and served_date > $as_of::date - 28 - windows.named_days
    and served_date < $as_of::date
    and event_type in ('click', 'purchase')
    and (
        served_date + windows.named_days = $as_of::date
        or (
            served_date + windows.named_days < $as_of::date
            and served_date + windows.named_days > as_of
        )
    )
union
select $as_of::date
order by day;
