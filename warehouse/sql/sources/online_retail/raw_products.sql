-- The shop has no catalogue file: a day's lines name the products sold that day.
-- Codes that are no article (postage, fees, vouchers, corrections) are not recommendable.
insert into raw_products by name
with lines as (
    select *, parse_filename(filename, true) as drop_date
    from read_csv(
        $paths,
        filename = true,
        header = true,
        delim = ',',
        quote = '"',
        escape = '"',
        types = {
            'InvoiceNo': 'varchar', 'StockCode': 'varchar', 'Description': 'varchar',
            'Quantity': 'bigint', 'InvoiceDate': 'timestamp', 'UnitPrice': 'double',
            'CustomerID': 'varchar', 'Country': 'varchar'
        }
    )
),
described as (
    select
        drop_date,
        trim(StockCode) as product_id,
        mode(trim(Description)) filter (where UnitPrice > 0) as title,
        median(UnitPrice) filter (where UnitPrice > 0) as price
    from lines
    group by all
)
select
    $source as source,
    drop_date as batch,
    row_number() over (partition by drop_date order by product_id) - 1 as row_number,
    product_id,
    title,
    price,
    regexp_matches(product_id, '^([0-9]{5}|DCGS)') as recommendable
from described;
