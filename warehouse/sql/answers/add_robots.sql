-- Remembers the robots of a day: whoever clicked on it nine in ten of at least 50 products that they
-- were shown, as no person does.
-- Grain: one row a user. Key: user_id.
insert into robots by name
with seen as (
    select request_id, user_id
    from served_requests
    where
        scenario = $scenario
        and occurred_at >= $day::date
        and occurred_at < $day::date + 1
        and shadow_of is null
        and not pinned
        and error is null
        and not client_gone
),
eager as (
    select user_id, count(distinct (outcomes.request_id, product_id)) as n_clicked
    from outcomes
    join seen using (request_id)
    where
        event_type = 'click'
        and occurred_at >= $day::date
        and occurred_at < $day::date + 1
    group by user_id
    having n_clicked >= 45
)
select $scenario as scenario, $day::date as served_date, user_id
from served_candidates
join seen using (request_id)
join eager using (user_id)
where served_date = $day::date and shown
group by user_id, n_clicked
having count(*) >= 50 and n_clicked >= 0.9 * count(*)
order by user_id;
