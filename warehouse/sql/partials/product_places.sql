-- Where products that were bought stood when each of $days began: heads, torsos and tails hold a third
-- of all earlier purchases each. Products that were bought as often stand together, in the order of
-- their names: hardly any of such levels is cut by an end of a third, and only these are put in order.
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
    select days.served_date, purchases.product_id, sum(purchases.n)::bigint as n
    from purchases
    join days on purchases.first_counted <= days.served_date
    group by days.served_date, purchases.product_id
),
levels as (
    select
        served_date,
        n,
        sum(n * count(*)) over (partition by served_date) as total,
        sum(n * count(*)) over (partition by served_date order by n desc) as up_to_last,
        up_to_last - n * (count(*) - 1) as up_to_first
    from ever
    group by served_date, n
),
cut as (
    select
        served_date,
        n,
        total,
        up_to_first,
        (3 * up_to_first > total) <> (3 * up_to_last > total)
        or (3 * up_to_first > 2 * total) <> (3 * up_to_last > 2 * total) as is_cut
    from levels
),
summed as (
    select served_date, product_id, up_to_first as up_to_here, total
    from ever
    join cut using (served_date, n)
    where not is_cut
    union all by name
    select
        served_date,
        product_id,
        up_to_first + n * (row_number() over of_level - 1) as up_to_here,
        total
    from ever
    join cut using (served_date, n)
    where is_cut
    window of_level as (partition by served_date, n order by product_id)
)
select
    served_date,
    product_id,
    case
        when 3 * up_to_here <= total then 'head'
        when 3 * up_to_here <= 2 * total then 'torso'
        else 'tail'
    end as place
from summed;
