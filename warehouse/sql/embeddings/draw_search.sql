-- Draws a sample of the queries that people typed on a day, each once. Tests, shadows and robots are left out.
-- Grain: one row a query. Key: place, and asked.
create or replace temp table embedding_drawn as
with typed as (
    select distinct lower(trim(query)) as asked
    from served_requests as requests
    anti join robots
        on
            requests.scenario = robots.scenario
            and robots.served_date = $day::date
            and requests.user_id = robots.user_id
    where
        requests.scenario = $scenario
        and occurred_at >= $day::date
        and occurred_at < $day::date + 1
        and not pinned
        and shadow_of is null
        and trim(query) <> ''
)
select
    row_number() over (order by md5_number_lower($day || asked), asked)::integer as place,
    asked
from typed
qualify place <= $n;
