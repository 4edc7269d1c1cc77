-- Stages what was ranked for a day's requests of a scenario, from the lines that count.
insert into served_candidates by name
with pools as (
    select
        request_id,
        occurred_at::date as served_date,
        "limit",
        coalesce("offset", 0) as "offset",
        client_gone is not true and shadow_of is null as was_seen,
        unnest(candidates) as candidate
    from served_lines
    semi join day_lines using (source, batch, row_number)
    where occurred_at >= $day::date and occurred_at < $day::date + 1
)
select
    request_id,
    candidate.product_id,
    candidate.rank,
    candidate.score,
    candidate.propensity,
    candidate.rank > "offset" and candidate.rank <= "offset" + "limit" and was_seen as shown,
    candidate.stage,
    served_date,
    candidate.variant
from pools;
