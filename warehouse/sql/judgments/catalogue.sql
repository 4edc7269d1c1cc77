-- Pairs from the catalogue's own structure: 1 where a product is all that a query says, 0.1 where
-- it is of the kind but lacks the part, 0 for at most $near_misses others of the same shelf, or of
-- the same department where a shelf has too few. Products whose own kind says all that the query's
-- kind says ("baby shampoo" for "shampoo") are left unjudged.
insert into stg_judgments by name
with answered as (
    select
        query_id,
        product_id,
        if(part is null or list_contains(parts, part), 1.0, 0.1) as gain
    from catalogue_queries
    join offers using (kind)
),
shelves as (
    select distinct query_id, words, shelf
    from catalogue_queries
    join (select distinct kind, shelf from offers) using (kind)
),
department as (  -- some of each: near misses are few, departments large
    select product_id, words, shelf[1] as name
    from offers
    qualify row_number() over (partition by shelf[1] order by md5(product_id)) <= 200
),
others as (
    select query_id, product_id, true as same_shelf
    from shelves
    join offers using (shelf)
    where not list_has_all(offers.words, shelves.words)
    union all
    select distinct query_id, product_id, false as same_shelf
    from shelves
    join department on shelves.shelf[1] = department.name
    where not list_has_all(department.words, shelves.words)
),
near_misses as (
    select query_id, product_id
    from others
    group by query_id, product_id
    qualify row_number() over (
        partition by query_id order by bool_or(same_shelf) desc, md5(query_id || product_id)
    ) <= $near_misses
)
select query_id, query_id as query, product_id, gain, 'catalogue' as source, true as weak
from answered
union all
select query_id, query_id as query, product_id, 0.0 as gain, 'catalogue' as source, true as weak
from near_misses
order by query_id, product_id;
