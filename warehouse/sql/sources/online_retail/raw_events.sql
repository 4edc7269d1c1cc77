-- One drop a day. An invoice is a session; its lines have no numbers of their own, so they are
-- numbered in the order of their contents, which is the same however the file is read.
-- An invoice that starts with C takes goods back: a return, its quantity counted positive.
insert into raw_events by name
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
numbered as (
    select *, row_number() over (partition by drop_date order by lines) - 1 as row_number
    from lines
),
named as (
    select *, row_number() over (partition by InvoiceNo, trim(StockCode) order by row_number) as repeat
    from numbered
)
select
    $source as source,
    drop_date as batch,
    row_number,
    InvoiceNo || '-' || trim(StockCode) || '-' || repeat as event_id,
    if(InvoiceNo like 'C%', 'return', 'purchase') as event_type,
    InvoiceDate as occurred_at,
    InvoiceDate as logged_at,
    split_part(CustomerID, '.', 1) as user_id,
    InvoiceNo as session_id,
    trim(StockCode) as product_id,
    if(InvoiceNo like 'C%', -Quantity, Quantity)::double as quantity,
    UnitPrice as price,
    Country as store_id
from named;
