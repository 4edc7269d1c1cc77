-- Clicks as judgments: the probability that a product is taken when it is looked at, the first rank
-- being looked at always. Products shown fewer than $minimum_impressions times for a query tell
-- nothing yet.
insert into stg_judgments by name
with seen as (
    select query_id, product_id, sum(shown) as shown
    from showings
    group by query_id, product_id
)
select
    query_id,
    query_id as query,
    product_id,
    least(probability * (select arg_min(probability, "rank") from examination), 1) as gain,
    'clicks' as source,
    true as weak
from attraction
join seen using (query_id, product_id)
where shown >= $minimum_impressions
order by query_id, product_id;
