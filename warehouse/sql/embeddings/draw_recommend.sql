-- Draws a sample of the products that people clicked or bought after a day's answers, by its end: each
-- once of a person. Tests, shadows and robots are left out.
-- Grain: one row a person and product. Key: place.
create or replace temp table embedding_drawn as
with chosen as (
    select distinct
        coalesce(nullif(user_id, ''), request_id) as person,
        product_id as asked
    from outcomes
    join served_requests as requests using (request_id)
    anti join robots
        on
            requests.scenario = robots.scenario
            and robots.served_date = $day::date
            and requests.user_id = robots.user_id
    where
        requests.scenario = $scenario
        and requests.occurred_at >= $day::date
        and requests.occurred_at < $day::date + 1
        and outcomes.occurred_at >= $day::date
        and outcomes.occurred_at < $day::date + 1
        and event_type in ('click', 'purchase')
        and not pinned
        and shadow_of is null
)
select
    row_number()
        over (order by md5_number_lower($day || person || ' ' || asked), person, asked)::integer
        as place,
    asked
from chosen
qualify place <= $n;
