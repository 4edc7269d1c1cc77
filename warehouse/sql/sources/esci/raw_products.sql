-- An identifier is unique within a locale. The few that several locales share are told apart by the
-- locale.
insert into raw_products by name
with shared as (
    select product_id
    from read_parquet($path)
    group by product_id
    having count(distinct product_locale) > 1
)
select
    $source as source,
    'products' as batch,
    file_row_number as row_number,
    if(product_id in (from shared), product_id || '-' || product_locale, product_id) as product_id,
    product_title as title,
    product_brand as brand,
    true as recommendable,
    concat_ws(' ', product_description, product_bullet_point) as description,
    if(
        plain_text(product_color) is null,
        map {},
        map {'product_color': plain_text(product_color)}
    ) as attributes
from read_parquet($path, file_row_number = true);
