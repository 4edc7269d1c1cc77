-- What part of the catalogue the first ten ranks of the days from $first to $last showed, and how
-- unequally. Standard errors take the exposures of each product for a Poisson count.
--   catalogue_coverage@10  share of the recommendable products that were shown
--   exposure_gini@10       Gini coefficient of the exposures of all recommendable products: 0 where
--                          each is shown as often, near 1 where few take all: the mean over products,
--                          the least shown first, of exposures times (2 rank - N - 1), by exposures
-- Products that were shown as often stand together: their ranks follow each other, and so the sums of
-- their weights and of the squares of these are known.
-- Grain: one row a model, variant and metric. Key: all three.
with catalogue as (
    select product_id from stg_products where recommendable
),
exposures as (
    select model_tag, variant, product_id, sum(n) as n
    from exposure_partials
    where scenario = $scenario and served_date between $first::date and $last::date
    group by model_tag, variant, product_id
),
models as (
    select
        model_tag,
        variant,
        sum(n) as n_shown,
        count(*) filter (where product_id in (from catalogue)) as n_products_shown,
        (select count(*) from catalogue) as n_products
    from exposures
    group by model_tag, variant
),
alike as (
    select model_tag, variant, n, count(*) as size
    from exposures
    semi join catalogue using (product_id)
    group by model_tag, variant, n
    union all
    select model_tag, variant, 0, n_products - n_products_shown
    from models
),
weighed as (
    select
        *,
        2 / n_products as step,
        step * (sum(size) over (partition by model_tag, variant order by n) - size)
        + (1 - n_products) / n_products as lowest,
        size * lowest + step * size * (size - 1) / 2 as weights,
        size * lowest ** 2
        + lowest * step * size * (size - 1)
        + step ** 2 * (size - 1) * size * (2 * size - 1) / 6 as squared_weights
    from alike
    join models using (model_tag, variant)
),
ginis as (
    select model_tag, variant, sum(weights * n order by n) / any_value(n_shown) as gini
    from weighed
    group by model_tag, variant
),
summed as (
    select
        model_tag,
        variant,
        any_value(n_shown)::bigint as n,
        any_value(n_products_shown / n_products) as coverage,
        sqrt(sum(size * exp(-n) * (1 - exp(-n)) order by n)) / any_value(n_products) as coverage_error,
        any_value(gini) as gini,
        sqrt(
            sum(
                greatest(squared_weights - 2 * gini * weights + gini ** 2 * size, 0) * n order by n
            )
        ) / any_value(n_shown) as gini_error
    from weighed
    join ginis using (model_tag, variant)
    group by model_tag, variant
)
select
    model_tag,
    variant,
    'all' as segment,
    unnest(['catalogue_coverage@10', 'exposure_gini@10']) as metric,
    unnest([coverage, gini]) as value,
    unnest([coverage_error, gini_error]) as standard_error,
    n
from summed
order by model_tag, variant, metric;
