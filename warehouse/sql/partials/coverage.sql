-- What part of the catalogue the first ten ranks of the days from $first to $last showed, and how
-- unequally. Standard errors take the exposures of each product for a Poisson count.
--   catalogue_coverage@10  share of the recommendable products that were shown
--   exposure_gini@10       Gini coefficient of the exposures of all recommendable products: 0 where
--                          each is shown as often, near 1 where few take all
-- Grain: one row a model, variant and metric. Key: all three.
with catalogue as (
    select product_id from stg_products where recommendable
),
models as (
    select model_tag, variant, sum(n) as n_shown
    from exposure_partials
    where scenario = $scenario and served_date between $first::date and $last::date
    group by all
),
exposures as (
    select models.model_tag, models.variant, models.n_shown, product_id, coalesce(shown.n, 0) as n
    from models
    cross join catalogue
    left join (
        select model_tag, variant, product_id, sum(n) as n
        from exposure_partials
        where scenario = $scenario and served_date between $first::date and $last::date
        group by all
    ) as shown using (model_tag, variant, product_id)
),
weighed as (
    select
        *,
        (2 * row_number() over order_of_models - n_products - 1) / n_products as weight
    from (select *, count(*) over (partition by model_tag, variant) as n_products from exposures)
    window order_of_models as (partition by model_tag, variant order by n, product_id)
),
ginis as (
    select model_tag, variant, sum((weight * n)::decimal(38, 15))::double / any_value(n_shown) as gini
    from weighed
    group by all
),
summed as (
    select
        model_tag,
        variant,
        any_value(n_shown)::bigint as n,
        avg((n > 0)::int) as coverage,
        sqrt(sum(exp(-n) * (1 - exp(-n)) order by n, product_id)) / count(*) as coverage_error,
        any_value(gini) as gini,
        sqrt(sum((weight - gini) ** 2 * n order by n, product_id)) / any_value(n_shown) as gini_error
    from weighed
    join ginis using (model_tag, variant)
    group by all
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
