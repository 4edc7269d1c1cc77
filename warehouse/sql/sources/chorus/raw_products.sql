-- Prices are in cents: 85 of 100 end in 95, and Chorus' own shop divides them by 100. Some product
-- types are no words but "1".
insert into raw_products by name
select
    $source as source,
    'products' as batch,
    products.file_row_number as row_number,
    id as product_id,
    title,
    supplier as brand,
    if(regexp_matches(attributes['product_type'], '\p{L}'), attributes['product_type'], null)
        as product_type,
    price / 100 as price,
    true as recommendable,
    short_description as description,
    attributes
from read_parquet($path, file_row_number = true) as products
left join attributes on products.id = attributes.product_id;
