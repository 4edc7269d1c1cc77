-- Exact, substitute, complement, irrelevant: worth 1, 0.1, 0.01 and 0, as in the KDD Cup 2022.
insert into raw_judgments by name
with shared as (
    select product_id
    from read_parquet($products)
    group by product_id
    having count(distinct product_locale) > 1
)
select
    $source as source,
    'examples' as batch,
    file_row_number as row_number,
    query,
    if(product_id in (from shared), product_id || '-' || product_locale, product_id) as product_id,
    case esci_label when 'E' then 1 when 'S' then 0.1 when 'C' then 0.01 when 'I' then 0 end as gain,
    product_locale as locale
from read_parquet($path, file_row_number = true);
