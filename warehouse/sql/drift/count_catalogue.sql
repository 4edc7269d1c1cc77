-- Counts the catalogue as it is. Of a day that later ones were counted after it can't be had again:
-- what was counted then stays.
insert into drift_day by name
with copies as (
    select title, brand, size, count(*) as n
    from stg_products
    where title <> ''
    group by all
),
products as (
    select
        value_bin(products.price) as catalogue_price,
        nullif(products.category, '') as catalogue_category,
        nullif(products.brand, '') as catalogue_brand,
        if(script_of(products.title) = 'broken', 'broken', if(products.title <> '', 'sound', null))
            as catalogue_title,
        value_bin(copies.n) as catalogue_copies
    from stg_products as products
    left join copies
        on
            products.title = copies.title
            and products.brand is not distinct from copies.brand
            and products.size is not distinct from copies.size
)
select
    $scenario as scenario,
    $day::date as served_date,
    '' as model_tag,
    case
        when grouping(catalogue_price) = 0 then 'catalogue_price'
        when grouping(catalogue_category) = 0 then 'catalogue_category'
        when grouping(catalogue_brand) = 0 then 'catalogue_brand'
        when grouping(catalogue_title) = 0 then 'catalogue_title'
        else 'catalogue_copies'
    end as subject,
    coalesce(catalogue_price, catalogue_copies) as bin,
    coalesce(catalogue_category, catalogue_brand, catalogue_title) as "value",
    count(*) as n
from products
where
    not exists (
        from drift_partials
        where
            scenario = $scenario
            and served_date > $day::date
            and subject = 'catalogue_price'
    )
group by grouping sets (
    (catalogue_price), (catalogue_category), (catalogue_brand), (catalogue_title),
    (catalogue_copies)
);
