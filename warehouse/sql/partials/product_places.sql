-- Where products that were bought stood when each of $days began: heads, torsos and tails hold a third
-- of all earlier purchases each.
-- Grain: one row a day and product. Key: both.
create or replace temp table product_places as
with days as (
    select unnest($days::date[]) as served_date
),
purchases as (
    select
        product_id,
        greatest(occurred_at::date + 1, list_min($days::date[])) as first_counted,
        count(*) as n
    from stg_events
    where event_type = 'purchase' and occurred_at < list_max($days::date[])
    group by product_id, first_counted
),
ever as (
    select days.served_date, purchases.product_id, sum(purchases.n) as n
    from purchases
    join days on purchases.first_counted <= days.served_date
    group by days.served_date, purchases.product_id
),
placed as (
    select
        served_date,
        product_id,
        sum(n) over (partition by served_date order by n desc, product_id)
        / sum(n) over (partition by served_date) as up_to_here
    from ever
)
select
    served_date,
    product_id,
    case
        when up_to_here <= 1 / 3 then 'head'
        when up_to_here <= 2 / 3 then 'torso'
        else 'tail'
    end as place
from placed;
