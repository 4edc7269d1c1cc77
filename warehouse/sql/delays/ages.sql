-- How old the answers of a scenario's days from $first to $last are at the end of $as_of, by model and variant.
-- Grain: one row a model and variant. Key: both.
with ages as (
    select
        model_tag,
        variant,
        step_before(epoch_us(($as_of::date + 1)::timestamp) - epoch_us(occurred_at)) as age,
        count(*) as n
    from served_requests
    where
        scenario = $scenario
        and occurred_at >= $first::date
        and occurred_at < $last::date + 1
        and not pinned
        and error is null
        and not client_gone
    group by all
)
select model_tag, variant, list(age order by age) as ages, list(n order by age) as counts
from ages
group by model_tag, variant;
