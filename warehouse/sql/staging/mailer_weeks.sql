-- Counts the stores of each product and mailer once, after promotions were loaded.
create or replace table mailer_weeks as
with listed as (
    select starts_at, ends_at, product_id, count(*) as stores
    from stg_promotions
    where mailer > 0
    group by starts_at, ends_at, product_id
),
totals as (
    select starts_at, ends_at, count(distinct store_id) as stores
    from stg_promotions
    group by starts_at, ends_at
)
select listed.starts_at, listed.ends_at, product_id, (listed.stores / totals.stores)::float as share
from listed
join totals using (starts_at, ends_at);
