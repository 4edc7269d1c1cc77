-- The queries that the catalogue's structure answers: kinds ("potato chips"), and kinds with a part
-- ("potato chips 11 oz", "acme kettle", "red kettle") where some products of the kind have it and
-- others lack it. The $queries of which most was bought, or, where nothing was, of which there is
-- most.
-- Grain: one row a query. Key: query_id.
create or replace temp table catalogue_queries as
with kinds as (
    select kind, count(*) as products, sum(purchases) as purchases
    from offers
    where kind is not null
    group by kind
),
parts as (
    select kind, part, count(distinct product_id) as products, sum(purchases) as purchases
    from (select kind, product_id, purchases, unnest(parts) as part from offers)
    where kind is not null
    group by kind, part
),
phrased as (
    select kind as query_id, kind, null as part, products, purchases
    from kinds
    union all
    select
        case when part.slot like '%size' then kind || ' ' || part.value else part.value || ' ' || kind end,
        kind,
        part,
        parts.products,
        parts.purchases
    from parts
    join kinds using (kind)
    where parts.products between 2 and kinds.products - 1 and not contains(kind, part.value)
)
select query_id, kind, part, string_split(kind, ' ') as words
from phrased
qualify row_number() over (partition by query_id order by part is not null, purchases desc, part) = 1
order by purchases desc, products desc, query_id
limit $queries;
