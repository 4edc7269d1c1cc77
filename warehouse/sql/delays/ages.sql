-- How old the answers of a scenario's days from $first to $last are at the end of $as_of, by model and variant.
-- Grain: one row a model and variant. Key: both.
with ages as (
    select
        model_tag,
        variant,
        step_later(age, $as_of::date - served_date) as age,
        sum(n)::bigint as n
    from request_ages
    where
        scenario = $scenario
        and served_date >= $first::date
        and served_date <= $last::date
    group by all
)
select model_tag, variant, list(age order by age) as ages, list(n order by age) as counts
from ages
group by model_tag, variant;
