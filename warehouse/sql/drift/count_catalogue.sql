-- Counts the catalogue as the day's night found it (quality/take_catalogue).
insert into drift_day by name
with copies as (
    select title, brand, count(*) as n
    from day_catalogue
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
    from day_catalogue as products
    left join copies
        on
            products.title = copies.title
            and products.brand is not distinct from copies.brand
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
group by grouping sets (
    (catalogue_price), (catalogue_category), (catalogue_brand), (catalogue_title),
    (catalogue_copies)
);
