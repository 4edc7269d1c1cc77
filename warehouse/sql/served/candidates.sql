-- Stages what was ranked for a day's requests of a scenario, from each request's first clean line.
insert into served_candidates by name
with lines as (
    select
        served.request_id,
        served."limit",
        served."offset",
        served.candidates,
        served.client_gone is not true and served.shadow_of is null as was_seen
    from raw_served as served
    semi join served_requests as requests
        on
            served.request_id = requests.request_id
            and served.logged_at = requests.logged_at
            and requests.scenario = $scenario
            and requests.occurred_at >= $day::date
            and requests.occurred_at < $day::date + 1
    where not exists (
        select 1
        from quarantine
        where
            quarantine.table_name = 'raw_served'
            and quarantine.source = served.source
            and quarantine.batch = served.batch
            and quarantine.row_number = served.row_number
    )
    qualify
        row_number() over (partition by served.request_id order by served.batch, served.row_number)
        = 1
),
pools as (
    select
        request_id,
        "limit",
        coalesce("offset", 0) as "offset",
        was_seen,
        unnest(candidates) as candidate
    from lines
)
select
    request_id,
    candidate.product_id,
    candidate.rank,
    candidate.score,
    candidate.propensity,
    candidate.rank > "offset" and candidate.rank <= "offset" + "limit" and was_seen as shown,
    candidate.stage,
    candidate.variant
from pools
order by request_id, candidate.rank;
