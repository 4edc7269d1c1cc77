-- Counts which products were shown among the first ten of a day's answers, for each model, from how
-- often each was.
insert into drift_day by name
with gains as (
    select answers.model_tag, clicked.product_id, sum(clicked.gain) as gain
    from clicked
    join day_answers as answers using (answer)
    where answers.seen
    group by answers.model_tag, clicked.product_id
),
exposed as (
    select model_tag, product_id, sum(n)::bigint as n
    from exposure_partials
    where scenario = $scenario and served_date = $day::date
    group by model_tag, product_id
),
shown as (
    select
        exposed.model_tag,
        exposed.n,
        gains.gain,
        value_bin(products.price) as price,
        nullif(products.category, '') as category,
        nullif(products.brand, '') as brand,
        products.supplier_id as supplier,
        coalesce(places.place, 'new') as place
    from exposed
    join stg_products as products using (product_id)
    left join product_places as places
        on exposed.product_id = places.product_id and places.served_date = $day::date
    left join gains
        on exposed.model_tag = gains.model_tag and exposed.product_id = gains.product_id
)
select
    $scenario as scenario,
    $day::date as served_date,
    model_tag,
    case
        when grouping(price) = 0 then 'price'
        when grouping(category) = 0 then 'category'
        when grouping(brand) = 0 then 'brand'
        when grouping(supplier) = 0 then 'supplier'
        else 'place'
    end as subject,
    price as bin,
    coalesce(category, brand, supplier, place) as "value",
    sum(n) as n,
    coalesce(sum(gain), 0) as gain
from shown
group by grouping sets (
    (model_tag, price), (model_tag, category), (model_tag, brand), (model_tag, supplier),
    (model_tag, place)
);
