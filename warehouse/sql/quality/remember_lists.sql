-- Keeps what those with the smallest hashes of a day's askers were shown first, by the last of their
-- answers: the same ones are kept whenever they come.
insert into list_samples by name
with asked as (
    select request_id, model_tag, occurred_at, coalesce(lower(trim(query)), user_id) as asker
    from served_requests
    where
        scenario = $scenario
        and occurred_at >= $day::date
        and occurred_at < $day::date + 1
        and shadow_of is null
        and error is null
        and not client_gone
        and not degraded
        and not pinned
        and interleaved_with is null
),
last_asked as (
    select model_tag, asker, max_by(request_id, (occurred_at, request_id)) as request_id
    from asked
    group by model_tag, asker
    order by hash(asker), model_tag
    limit 2000
)
select
    $scenario as scenario,
    $day::date as day,
    model_tag,
    asker,
    list(product_id order by "rank") as product_ids
from last_asked
join served_candidates using (request_id)
where served_date = $day::date and shown and "rank" <= 10
group by model_tag, asker
order by model_tag, asker;
