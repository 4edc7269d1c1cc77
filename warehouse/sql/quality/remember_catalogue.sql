-- Remembers what is no longer as the last night found it; a night that is run again after later ones
-- knows only the catalogue of today, and remembers nothing.
insert into catalogue_history by name
with known as (
    select unnest(arg_max(history, since))
    from catalogue_history as history
    group by product_id
),
products as (
    select product_id, title, price, brand, category
    from stg_products
)
select
    coalesce(products.product_id, known.product_id) as product_id,
    $day::date as since,
    products.product_id is not null as sold,
    products.title,
    products.price,
    products.brand,
    products.category
from products
full join (from known where sold) as known using (product_id)
where
    (
        products.product_id is null
        or known.product_id is null
        or (products.title, products.price, products.brand, products.category)
        is distinct from (known.title, known.price, known.brand, known.category)
    )
    and not exists (from catalogue_history where since > $day::date)
order by product_id;
